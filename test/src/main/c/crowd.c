// SPDX-License-Identifier: Apache-2.0
/*
 * Everything that applications send, all at once, for "./tsn test --soak":
 *
 *	crowd ADDRESS SENDER attached|neighbour
 *
 * Sockets of priorities 0..7 send to ADDRESS until SIGTERM: small datagrams,
 * datagrams that are fragmented, many in one send (UDP_SEGMENT), a TCP stream,
 * and datagrams to a port that the node drops on the way. All ask for their
 * priority; in an attached pod they expect it at the NIC, in a neighbour 0. The
 * payload says so over and over: crowd.bpf.c. Ends with how many it has sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PRIORITIES	8
#define FIRST_PORT	20000	/* io.tsncni.testbed.EgressNic.FIRST_PORT */
#define DROPPED_PORT	20100	/* io.tsncni.testbed.CrowdNode.DROPPED_PORT */
#define BATCH		32
#define SMALL		64
#define BIG		4000	/* three fragments */
#define SEGMENT		1000
#define SEGMENTS	8
#define STREAM		32768

static volatile sig_atomic_t stopped;
static char payload[PRIORITIES][STREAM];

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void write_claims(int sender, bool attached)
{
	for (int p = 0; p < PRIORITIES; p++) {
		char claim[8] = { 'T', 'S', 'N', '!', attached ? p : 0, p, sender & 0xff, sender >> 8 };

		for (int at = 0; at < STREAM; at += sizeof(claim))
			memcpy(payload[p] + at, claim, sizeof(claim));
	}
}

static int open_socket(int type, int priority, const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)))
		error(1, errno, "socket of priority %d", priority);
	if (type == SOCK_STREAM && connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		error(1, errno, "connect");
	return fd;
}

/* One stream after the other; its parent's end is its own. */
static void stream(struct sockaddr_in to)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	to.sin_port = htons(FIRST_PORT);
	for (;;) {
		for (int p = 0; p < PRIORITIES; p++) {
			int fd = open_socket(SOCK_STREAM, p, &to);

			for (int i = 0; i < 8; i++) {
				if (send(fd, payload[p], STREAM, MSG_NOSIGNAL) < 0)
					error(1, errno, "send");
			}
			close(fd);
		}
	}
}

/* Whatever the kernel does not take now is not sent. */
static unsigned long send_batch(int fd, struct sockaddr_in to, int port, char *data, int size, int count)
{
	struct iovec part = { data, size };
	struct mmsghdr batch[BATCH] = { 0 };
	int sent;

	to.sin_port = htons(port);
	for (int i = 0; i < count; i++) {
		batch[i].msg_hdr.msg_name = &to;
		batch[i].msg_hdr.msg_namelen = sizeof(to);
		batch[i].msg_hdr.msg_iov = &part;
		batch[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(fd, batch, count, 0);
	return sent > 0 ? sent : 0;
}

static unsigned long send_something(int fd, const struct sockaddr_in *to, char *data)
{
	int segment = SEGMENT, none = 0;
	unsigned long sent;

	switch (rand() % 16) {
	case 0:
		return send_batch(fd, *to, FIRST_PORT + 1, data, BIG, 2);
	case 1:
		setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment));
		sent = send_batch(fd, *to, FIRST_PORT + 2, data, SEGMENT * SEGMENTS, 1);
		setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof(none));
		return SEGMENTS * sent;
	case 2:
	case 3:
		return send_batch(fd, *to, DROPPED_PORT, data, SMALL, 1 + rand() % 8);
	default:
		return send_batch(fd, *to, FIRST_PORT + 3 + rand() % 32, data, SMALL, 1 + rand() % BATCH);
	}
}

int main(int argc, char **argv)
{
	struct sigaction on_signal = { .sa_handler = stop };
	struct sockaddr_in to = { .sin_family = AF_INET };
	unsigned long sent = 0;
	int fd[PRIORITIES];
	pid_t streaming;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		error(2, 0, "usage: crowd ADDRESS SENDER attached|neighbour");
	sigaction(SIGTERM, &on_signal, NULL);
	write_claims(atoi(argv[2]), !strcmp(argv[3], "attached"));
	srand(atoi(argv[2]));
	streaming = fork();
	if (streaming < 0)
		error(1, errno, "fork");
	if (!streaming)
		stream(to);
	for (int p = 0; p < PRIORITIES; p++)
		fd[p] = open_socket(SOCK_DGRAM, p, NULL);
	while (!stopped) {
		int p = rand() % PRIORITIES;

		sent += send_something(fd[p], &to, payload[p]);
	}
	kill(streaming, SIGKILL);
	waitpid(streaming, NULL, 0);
	printf("%lu\n", sent);
	return 0;
}
