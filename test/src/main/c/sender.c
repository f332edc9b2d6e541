// SPDX-License-Identifier: Apache-2.0
/*
 * A sender that does as it is told, again and again, for "./tsn bench datapath":
 *
 *	sender ADDRESS PRIORITY CPU
 *
 * reads a command a line from its standard input and answers each with a line:
 *
 *	flows N COUNT	COUNT datagrams as fast as it goes, to N ports in turn
 *	connected COUNT	the same to one port by a connected socket, whose
 *			datagrams have a flow hash already
 *	timed COUNT PPS	COUNT datagrams at that rate, each with the time at
 *			which it was sent (CLOCK_MONOTONIC) in its payload
 *
 * The answer: nanoseconds that passed, and how many of them this thread had to
 * wait for a CPU that somebody else had, which are not the packets' fault.
 * It stays on one CPU, and so does all that the kernel does with a packet up to
 * the far end of a veth that is a NIC: none of it waits for another CPU.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

/* path.bpf.c knows these numbers. */
#define FIRST_PORT	30000
#define PORTS		64
#define TIMED_PORT	31000

#define BATCH		64
#define PAYLOAD		64

static char payload[PAYLOAD];

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Not the thread's CPU time: some kernels leave softirqs out of that
 * (CONFIG_IRQ_TIME_ACCOUNTING), and most of the path is one. 0 where the kernel
 * does not count it. */
static unsigned long long waited(void)
{
	unsigned long long ran, waits = 0;
	FILE *stat = fopen("/proc/thread-self/schedstat", "r");

	if (stat) {
		if (fscanf(stat, "%llu %llu", &ran, &waits) != 2)
			waits = 0;
		fclose(stat);
	}
	return waits;
}

static int open_socket(int priority)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		error(1, errno, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)))
		error(1, errno, "SO_PRIORITY %d", priority);
	return fd;
}

static void send_batch(int fd, struct mmsghdr *batch, long count)
{
	for (long done = 0; done < count;) {
		int n = sendmmsg(fd, batch + done, count - done, 0);

		if (n > 0)
			done += n;
		else if (errno != EINTR && errno != ENOBUFS && errno != EAGAIN)
			error(1, errno, "sendmmsg");
	}
}

/* flows: 0 for a connected socket. The ports take turns packet by packet. */
static void send_fast(int fd, const struct sockaddr_in *to, long flows, long count)
{
	struct iovec data = { payload, sizeof(payload) };
	struct sockaddr_in address[BATCH];
	struct mmsghdr batch[BATCH] = { 0 };

	for (int i = 0; i < BATCH; i++) {
		address[i] = *to;
		address[i].sin_port = htons(FIRST_PORT + (flows ? i % flows : 0));
		batch[i].msg_hdr.msg_iov = &data;
		batch[i].msg_hdr.msg_iovlen = 1;
		if (flows) {
			batch[i].msg_hdr.msg_name = &address[i];
			batch[i].msg_hdr.msg_namelen = sizeof(address[i]);
		}
	}
	for (long left = count; left > 0; left -= BATCH)
		send_batch(fd, batch, left < BATCH ? left : BATCH);
}

/* Spins between packets: after a sleep the caches are somebody else's. */
static void send_timed(int fd, const struct sockaddr_in *to, long count, long pps)
{
	unsigned long long start = now(), sent;
	struct sockaddr_in address = *to;

	address.sin_port = htons(TIMED_PORT);
	for (long i = 0; i < count; i++) {
		unsigned long long due = start + i * 1000000000ull / pps;

		while ((sent = now()) < due)
			;
		memcpy(payload, &sent, sizeof(sent));
		if (sendto(fd, payload, sizeof(payload), 0, (struct sockaddr *)&address, sizeof(address)) < 0)
			error(1, errno, "sendto");
	}
}

static int connected(int priority, const struct sockaddr_in *to)
{
	struct sockaddr_in address = *to;
	int fd = open_socket(priority);

	address.sin_port = htons(FIRST_PORT);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		error(1, errno, "connect");
	return fd;
}

static void stay_on(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		error(1, errno, "CPU %d", cpu);
	/* Whoever else wants this CPU waits; it may be refused, and then is no worse than before. */
	setpriority(PRIO_PROCESS, 0, -20);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int priority, open_fd, connected_fd;
	char line[100];

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		error(2, 0, "usage: sender ADDRESS PRIORITY CPU");
	priority = atoi(argv[2]);
	stay_on(atoi(argv[3]));
	open_fd = open_socket(priority);
	connected_fd = connected(priority, &to);

	while (fgets(line, sizeof(line), stdin)) {
		unsigned long long waits = waited(), start = now(), took;
		long flows, count, pps;

		if (sscanf(line, "flows %ld %ld", &flows, &count) == 2 && flows > 0 && flows <= PORTS)
			send_fast(open_fd, &to, flows, count);
		else if (sscanf(line, "connected %ld", &count) == 1)
			send_fast(connected_fd, &to, 0, count);
		else if (sscanf(line, "timed %ld %ld", &count, &pps) == 2 && pps > 0)
			send_timed(open_fd, &to, count, pps);
		else
			error(2, 0, "what is this: %s", line);
		took = now() - start;
		printf("%llu %llu\n", took, waited() - waits);
		fflush(stdout);
	}
	return 0;
}
