// SPDX-License-Identifier: Apache-2.0
/*
 * stopwatch ROUNDS INPUT PROGRAM COMMAND...: runs the CNI plugin PROGRAM with
 * CNI_COMMAND set to each COMMAND in turn, so many times over, INPUT on its
 * stdin, and prints how long each took from spawn to exit: "ADD 1234", in us.
 * In C because starting a process from a JVM takes longer than the shim does.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long micros(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static long run(const char *input, char *program)
{
	char *argv[] = { program, NULL };
	posix_spawn_file_actions_t actions;
	int failed, status;
	long start;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	start = micros();
	failed = posix_spawn(&pid, program, &actions, NULL, argv, environ);
	if (failed)
		error(1, failed, "%s", program);
	waitpid(pid, &status, 0);
	start = micros() - start;
	if (status)
		error(1, 0, "%s %s ended with status %d", program, getenv("CNI_COMMAND"), status);
	posix_spawn_file_actions_destroy(&actions);
	return start;
}

int main(int argc, char **argv)
{
	long rounds = argc > 4 ? strtol(argv[1], NULL, 10) : 0;

	if (rounds < 1)
		error(2, 0, "usage: stopwatch ROUNDS INPUT PROGRAM COMMAND...");
	while (rounds--) {
		for (int i = 4; i < argc; i++) {
			setenv("CNI_COMMAND", argv[i], 1);
			printf("%s %ld\n", argv[i], run(argv[2], argv[3]));
		}
	}
	return 0;
}
