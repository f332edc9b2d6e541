/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tsn.h"

#define PIPE_MAX	(1 << 20)	/* /proc/sys/fs/pipe-max-size */

static struct child {
	pid_t pid;		/* 0: the slot is free */
	uint32_t id, status;
	int fd[3];		/* our ends of its stdin, stdout and stderr; -1: closed */
	unsigned char *frame;	/* the EXEC, with its stdin, of which there is input to write */
	unsigned char *input;
	size_t input_len;
	struct buf output, errors;
} table[EXEC_MAX];

static sigset_t sigchld, waiting;

static void wake_up(int sig)
{
	(void)sig;
}

/* SIGCHLD is delivered inside ppoll and nowhere else, so no exit is missed. */
void children_init(void)
{
	struct sigaction wake = { .sa_handler = wake_up };

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGCHLD, &wake, NULL);
	sigemptyset(&sigchld);
	sigaddset(&sigchld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &sigchld, &waiting);
	sigdelset(&waiting, SIGCHLD);
}

unsigned int children(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < EXEC_MAX; i++)
		n += table[i].pid != 0;
	return n;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void report(struct child *c, struct buf *out)
{
	int i;

	put_u32(out, FRAME_EXEC_RESULT);
	put_u32(out, 4 * sizeof(uint32_t) + c->output.len + c->errors.len);
	put_u32(out, c->id);
	put_u32(out, c->status);
	put_blob(out, c->output.data, c->output.len);
	put_blob(out, c->errors.data, c->errors.len);
	for (i = 0; i < 3; i++)
		shut(&c->fd[i]);
	free(c->frame);
	free(c->output.data);
	free(c->errors.data);
	c->pid = 0;
}

/* Returns 0 or an errno: posix_spawn waits for the exec and tells how it went. */
static int spawn(struct child *c, char *path, char **env)
{
	int i, error = 0, pipes[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	char *argv[] = { path, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t sigpipe;

	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attr, &sigpipe);
	posix_spawnattr_setsigmask(&attr, &waiting);
	posix_spawn_file_actions_init(&actions);
	for (i = 0; i < 3 && !error; i++) {
		if (pipe2(pipes[i], O_CLOEXEC))
			error = errno;
		else
			error = posix_spawn_file_actions_adddup2(&actions, pipes[i][i != 0], i);
	}
	if (!error)
		error = posix_spawn(&c->pid, path, &actions, &attr, argv, env);
	for (i = 0; i < 3; i++) {
		shut(&pipes[i][i != 0]);
		c->fd[i] = pipes[i][i == 0];
		if (c->fd[i] >= 0)
			fcntl(c->fd[i], F_SETFL, O_NONBLOCK);
	}
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return error;
}

/* A file, of paths with colons between them; the last if none is. */
static char *first_there(char *paths)
{
	struct stat file;
	char *path;

	do
		path = strsep(&paths, ":");
	while (paths && (stat(path, &file) || !S_ISREG(file.st_mode)));
	return path;
}

bool child_start(unsigned char *frame, struct reader exec, struct buf *out)
{
	struct child child = { .frame = frame, .id = get_u32(&exec) }, *c = table;
	char *env[ENV_MAX + 1], *path = get_string(&exec);
	uint32_t i, n = get_u32(&exec);
	int error;

	if (exec.bad || n > ENV_MAX || *path != '/')
		return false;
	for (i = 0; i < n; i++)
		env[i] = get_string(&exec);
	env[n] = NULL;
	child.input = get_blob(&exec, &child.input_len);
	if (exec.bad || exec.left)
		return false;
	while (c->pid)
		c++;
	*c = child;
	error = spawn(c, first_there(path), env);
	if (error) {
		c->status = STATUS_NOT_RUN + error;
		report(c, out);
	}
	return true;
}

static void feed(struct child *c)
{
	ssize_t n = write(c->fd[0], c->input, c->input_len);

	if (n > 0) {
		c->input += n;
		c->input_len -= n;
	}
	if (c->input_len == 0 || (n < 0 && errno != EAGAIN))
		shut(&c->fd[0]);
}

/* One read of stdout (1) or stderr (2). False if there is nothing to read. */
static bool pump(struct child *c, int i)
{
	static int patience = 100;
	struct pollfd ours = { .fd = STDERR_FILENO, .events = POLLOUT };
	char chunk[PIPE_BUF];	/* what a writable pipe takes without blocking */
	ssize_t n = read(c->fd[i], chunk, sizeof(chunk));
	size_t room = i == 1 ? OUTPUT_MAX - c->output.len : STDERR_MAX - c->errors.len;

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		shut(&c->fd[i]);
		return false;
	}
	if (i == 2) {
		/* A runtime that does not read our stderr may delay us once. */
		if (poll(&ours, 1, patience) != 1 || write(ours.fd, chunk, n) < 0)
			patience = 0;
		put(&c->errors, chunk, (size_t)n < room ? (size_t)n : room);
	} else if ((size_t)n <= room) {
		put(&c->output, chunk, n);
	} else {
		kill(c->pid, SIGKILL);
		c->status = STATUS_NOT_RUN + EFBIG;
		c->output.len = 0;
		shut(&c->fd[1]);
	}
	return true;
}

/* All that a child wrote is in its pipes when it has exited. They may have no end, held
 * open by a daemon that it left behind, so this reads no more than a pipe can hold. */
static void reap(struct child *c, struct buf *out)
{
	siginfo_t info = { 0 };
	int i, reads, status;

	/* Not reaped yet, so that pump() cannot kill somebody else. */
	waitid(P_PID, c->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	if (!info.si_pid)
		return;
	for (i = 1; i < 3; i++)
		for (reads = PIPE_MAX / PIPE_BUF; c->fd[i] >= 0 && reads && pump(c, i); reads--)
			;
	waitpid(c->pid, &status, 0);
	if (!c->status)
		c->status = WIFEXITED(status) ? (unsigned int)WEXITSTATUS(status)
					      : STATUS_SIGNAL + WTERMSIG(status);
	report(c, out);
}

void children_wait(struct pollfd fds[1 + CHILD_FDS], int64_t limit, struct buf *out)
{
	struct timespec timeout = { limit / 1000, limit % 1000 * 1000000 };
	int i, j;

	for (i = 0; i < EXEC_MAX; i++)
		for (j = 0; j < 3; j++)
			fds[1 + 3 * i + j] = (struct pollfd){
				.fd = table[i].pid ? table[i].fd[j] : -1,
				.events = j ? POLLIN : POLLOUT,
			};
	if (ppoll(fds, 1 + CHILD_FDS, &timeout, &waiting) < 0) {
		/* Else a low RLIMIT_NOFILE (EINVAL) would make this a busy loop. */
		if (errno != EINTR)
			nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
		for (i = 0; i < 1 + CHILD_FDS; i++)
			fds[i].revents = 0;
	}
	for (i = 0; i < EXEC_MAX; i++) {
		struct pollfd *p = &fds[1 + 3 * i];

		if (!table[i].pid)
			continue;
		if (p[0].revents)
			feed(&table[i]);
		if (p[1].revents)
			pump(&table[i], 1);
		if (p[2].revents)
			pump(&table[i], 2);
		reap(&table[i], out);
	}
}

/* They are dead when we answer, unless one is stuck in the kernel. */
void children_kill(void)
{
	struct timespec second = { 1, 0 };
	struct buf nobody = { 0 };
	int i;

	for (i = 0; i < EXEC_MAX; i++)
		if (table[i].pid)
			kill(table[i].pid, SIGKILL);
	do {
		for (i = 0; i < EXEC_MAX; i++)
			if (table[i].pid)
				reap(&table[i], &nobody);
	} while (children() && sigtimedwait(&sigchld, NULL, &second) > 0);
	free(nobody.data);
}
