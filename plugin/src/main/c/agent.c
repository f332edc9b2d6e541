/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tsn.h"

#define CONVERSATIONS	3
/* The results of EXEC_MAX delegates fit: an agent may write that many EXECs before it reads. */
#define QUEUE_MAX	(EXEC_MAX * (OUTPUT_MAX + STDERR_MAX))

struct conversation {
	struct request *request;
	int sock;
	bool greeted;		/* the first byte of the REQUEST is out */
	bool final;		/* another try would do harm, or no good */
	struct buf out, in;	/* in: one frame */
};

static int dial(const char *path, int64_t until)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock, error;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	for (;;) {
		sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (sock < 0 || !connect(sock, (struct sockaddr *)&address, sizeof(address)))
			return sock;
		error = errno;
		close(sock);
		errno = error;
		if ((error != ENOENT && error != ECONNREFUSED && error != EAGAIN) ||
		    milliseconds() >= until)
			return -1;
		nanosleep(&(struct timespec){ .tv_nsec = 25000000 }, NULL);
	}
}

static void hang_up(struct conversation *c, const char *why)
{
	snprintf(c->request->why, sizeof(c->request->why), "%s", why);
	close(c->sock);
	c->sock = -1;
}

static void send_some(struct conversation *c)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} netns = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS } };
	struct iovec data = { c->out.data, c->out.len };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	ssize_t n;

	if (!c->greeted && c->request->netns >= 0) {
		memcpy(CMSG_DATA(&netns.head), &c->request->netns, sizeof(int));
		message.msg_control = &netns;
		message.msg_controllen = sizeof(netns);
	}
	n = sendmsg(c->sock, &message, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	/* An agent that listens no more may have said why: that is still to be read. */
	if (n < 0)
		n = c->out.len;
	c->greeted = true;
	c->out.len -= n;
	memmove(c->out.data, c->out.data + n, c->out.len);
}

/* True once a whole frame is in. Never reads beyond it. */
static bool receive(struct conversation *c)
{
	unsigned char chunk[4096];

	for (;;) {
		struct reader head = { c->in.data, c->in.len, false };
		uint32_t type = get_u32(&head), len = get_u32(&head);
		size_t missing = head.bad ? 2 * sizeof(uint32_t) - c->in.len : len - head.left;
		ssize_t n;

		if (!head.bad && ((type != FRAME_EXEC && type != FRAME_RESULT) || len > FRAME_MAX)) {
			c->final = true;
			hang_up(c, "it sent a frame of unknown type or length");
			return false;
		}
		if (!missing)
			return true;
		n = recv(c->sock, chunk, missing < sizeof(chunk) ? missing : sizeof(chunk), 0);
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n <= 0) {
			hang_up(c, n ? strerror(errno) : "it hung up without an answer");
			return false;
		}
		put(&c->in, chunk, n);
	}
}

/* True if the frame is the answer. */
static bool handle(struct conversation *c)
{
	struct request *request = c->request;
	struct reader r = { c->in.data, c->in.len, false };
	uint32_t type = get_u32(&r);

	get_u32(&r);		/* the length, which receive() knew */
	c->final = true;	/* what an EXEC does must not be done twice */
	if (type == FRAME_EXEC && child_start(c->in.data, r, &c->out)) {
		c->in = (struct buf){ 0 };
		return false;
	}
	request->exit = get_u32(&r);
	request->output = get_blob(&r, &request->output_len);
	if (type == FRAME_RESULT && !r.bad && !r.left && request->exit <= 255)
		return true;
	hang_up(c, "it sent a malformed frame");
	return false;
}

static bool converse(struct conversation *c)
{
	struct request *request = c->request;
	struct pollfd fds[1 + CHILD_FDS];
	bool answered = false;

	put_u32(&c->out, FRAME_REQUEST);
	put_blob(&c->out, request->payload.data, request->payload.len);
	while (!answered && (c->sock >= 0 || children())) {
		int64_t left = request->deadline - milliseconds();
		bool listen = children() < EXEC_MAX && c->out.len < QUEUE_MAX;

		if (left <= 0) {
			snprintf(request->why, sizeof(request->why),
				 "it did not answer in %lu s", request->timeout);
			c->final = true;
			break;
		}
		fds[0].fd = listen || c->out.len ? c->sock : -1;
		fds[0].events = (listen ? POLLIN : 0) | (c->out.len ? POLLOUT : 0);
		children_wait(fds, left, &c->out);
		if (fds[0].revents && c->out.len)
			send_some(c);
		if (fds[0].revents && listen && receive(c))
			answered = handle(c);
	}
	children_kill();
	if (c->sock >= 0)
		close(c->sock);
	free(c->out.data);
	if (!answered)
		free(c->in.data);
	return answered;
}

bool ask(struct request *request, int64_t patience)
{
	bool answered = false, final = false;
	int i;

	for (i = 0; i < CONVERSATIONS && !answered && !final; i++) {
		struct conversation c = { .request = request };
		int64_t until = milliseconds() + patience;

		c.sock = dial(request->socket,
			      until < request->deadline ? until : request->deadline);
		if (c.sock < 0) {
			snprintf(request->why, sizeof(request->why), "%s", strerror(errno));
			request->absent = true;
			return false;
		}
		answered = converse(&c);
		final = c.final;
	}
	return answered;
}
