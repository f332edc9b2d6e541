// SPDX-License-Identifier: Apache-2.0
/*
 * An ordinary application: it sends through sockets and asks for its traffic
 * class with SO_PRIORITY, as a PLC would. It knows nothing of tsn-cni.
 *
 *	talker udp  --to ADDR --port P [--count N] [--size S | --segment S] [--pps R] [--connect]
 *	talker tcp  --to ADDR --port P [--bytes N]
 *	talker raw  --dev NAME [--ethertype T] [--count N] [--size S] [--pps R]
 *	talker craft --dev NAME --from ADDR --to ADDR --mac MAC --port P [--bypass] [...]
 *	talker sink --ports A-B [--udp] [--tcp]
 *
 * all senders: [--priority N] [--tos T]; udp and tcp: [--bind ADDR]; udp and
 * raw: [--txtime realtime|monotonic|tai [--ahead NS]], a launch time for each
 * packet (SO_TXTIME), which its payload repeats behind the number.
 * craft writes UDP over IPv4 by itself, from any address, to the neighbour MAC,
 * with --bypass past the device's queueing discipline and tc hook.
 * --count 0 sends until SIGTERM. --segment hands the kernel many datagrams of
 * S bytes in one send (UDP_SEGMENT). A datagram or frame starts with its
 * number, 4 bytes, big-endian. A sender ends with one line of JSON that says
 * what it sent; "refused" counts what the kernel would not take.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <error.h>
#include <getopt.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH		64
#define MAX_PAYLOAD	65000
#define MAX_SEGMENTS	64	/* UDP_MAX_SEGMENTS of the older kernels */
#define REFUSALS	20	/* of one packet, 100 us apart, before it is given up */

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

struct options {
	const char *to, *port, *dev, *bind, *ports, *from, *mac;
	bool bypass;
	int clock;	/* of launch times; -1: none */
	long ahead;	/* ns */
	long priority, tos;	/* -1: not set, as in most applications */
	long count, bytes, pps, size, segment, ethertype;
	bool connect, udp, tcp;
};

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t length;
};

struct sent {
	unsigned long packets, bytes, refused;
};

static long number(const char *option, const char *text)
{
	char *end;
	long value = strtol(text, &end, 0);

	if (end == text || *end || value < 0)
		error(2, 0, "--%s %s: not a number", option, text);
	return value;
}

static int clock_of(const char *name)
{
	if (!strcmp(name, "realtime"))
		return CLOCK_REALTIME;
	if (!strcmp(name, "monotonic"))
		return CLOCK_MONOTONIC;
	if (strcmp(name, "tai"))
		error(2, 0, "--txtime %s: not realtime, monotonic or tai", name);
	return CLOCK_TAI;
}

static struct options parse(int argc, char **argv)
{
	enum { TO, PORT, DEV, BIND, PORTS, PRIORITY, TOS, COUNT, BYTES, PPS, SIZE, SEGMENT, ETHERTYPE, CONNECT, UDP, TXTIME, AHEAD,
	       FROM, MAC, BYPASS, TCP };
	static const struct option known[] = {
		[TO] = { "to", 1, NULL, 0 }, [PORT] = { "port", 1, NULL, 0 }, [DEV] = { "dev", 1, NULL, 0 },
		[BIND] = { "bind", 1, NULL, 0 }, [PORTS] = { "ports", 1, NULL, 0 },
		[PRIORITY] = { "priority", 1, NULL, 0 }, [TOS] = { "tos", 1, NULL, 0 },
		[COUNT] = { "count", 1, NULL, 0 }, [BYTES] = { "bytes", 1, NULL, 0 }, [PPS] = { "pps", 1, NULL, 0 },
		[SIZE] = { "size", 1, NULL, 0 }, [SEGMENT] = { "segment", 1, NULL, 0 },
		[ETHERTYPE] = { "ethertype", 1, NULL, 0 }, [CONNECT] = { "connect", 0, NULL, 0 },
		[TXTIME] = { "txtime", 1, NULL, 0 }, [AHEAD] = { "ahead", 1, NULL, 0 },
		[FROM] = { "from", 1, NULL, 0 }, [MAC] = { "mac", 1, NULL, 0 }, [BYPASS] = { "bypass", 0, NULL, 0 },
		[UDP] = { "udp", 0, NULL, 0 }, [TCP] = { "tcp", 0, NULL, 0 }, [TCP + 1] = { NULL, 0, NULL, 0 },
	};
	struct options o = { .priority = -1, .tos = -1, .count = 1, .bytes = 1000000, .size = 64, .ethertype = 0x22f0,
			     .clock = -1, .ahead = 200000000 };
	int index, got;

	while ((got = getopt_long(argc, argv, "", known, &index)) == 0) {
		const char *name = known[index].name;

		switch (index) {
		case TO: o.to = optarg; break;
		case PORT: o.port = optarg; break;
		case DEV: o.dev = optarg; break;
		case BIND: o.bind = optarg; break;
		case PORTS: o.ports = optarg; break;
		case PRIORITY: o.priority = number(name, optarg); break;
		case TOS: o.tos = number(name, optarg); break;
		case COUNT: o.count = number(name, optarg); break;
		case BYTES: o.bytes = number(name, optarg); break;
		case PPS: o.pps = number(name, optarg); break;
		case SIZE: o.size = number(name, optarg); break;
		case SEGMENT: o.segment = number(name, optarg); break;
		case ETHERTYPE: o.ethertype = number(name, optarg); break;
		case TXTIME: o.clock = clock_of(optarg); break;
		case AHEAD: o.ahead = number(name, optarg); break;
		case FROM: o.from = optarg; break;
		case MAC: o.mac = optarg; break;
		case BYPASS: o.bypass = true; break;
		case CONNECT: o.connect = true; break;
		case UDP: o.udp = true; break;
		case TCP: o.tcp = true; break;
		}
	}
	if (got != -1)
		exit(2);	/* getopt has said what is wrong */
	if (optind != argc)
		error(2, 0, "%s: not an option", argv[optind]);
	if (o.segment)
		o.size = o.segment;
	if (o.size < (o.clock < 0 ? 4 : 12) || o.size > MAX_PAYLOAD)
		error(2, 0, "--size %ld: not in %d..%d", o.size, o.clock < 0 ? 4 : 12, MAX_PAYLOAD);
	return o;
}

static void set(int fd, int level, int option, long value, const char *what)
{
	int number = value;

	if (setsockopt(fd, level, option, &number, sizeof(number)))
		error(1, errno, "%s %ld", what, value);
}

/* By hand: in a static program getaddrinfo wants shared libraries at run time. */
static struct address address_of(const char *text, const char *port)
{
	struct address a = { .length = sizeof(a.v4) };
	long number_of_port = port ? number("port", port) : 0;

	if (!text)
		error(2, 0, "--to ADDR is missing");
	if (number_of_port > 65535)
		error(2, 0, "--port %s: above 65535", port);
	if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(number_of_port);
		return a;
	}
	a = (struct address){ .length = sizeof(a.v6) };
	if (inet_pton(AF_INET6, text, &a.v6.sin6_addr) != 1)
		error(2, 0, "%s: not an IP address", text);
	a.v6.sin6_family = AF_INET6;
	a.v6.sin6_port = htons(number_of_port);
	return a;
}

static int open_socket(const struct options *o, const struct address *to, int type)
{
	int fd = socket(to->any.sa_family, type, 0);
	bool v6 = to->any.sa_family == AF_INET6;

	if (fd < 0)
		error(1, errno, "socket");
	if (o->tos >= 0)
		set(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS, o->tos, "IP_TOS");
	/* After IP_TOS, which overwrites the priority. */
	if (o->priority >= 0)
		set(fd, SOL_SOCKET, SO_PRIORITY, o->priority, "SO_PRIORITY");
	if (o->bind) {
		struct address from = address_of(o->bind, NULL);

		if (bind(fd, &from.any, from.length))
			error(1, errno, "bind %s", o->bind);
	}
	return fd;
}

/* Waits for the time of packet n; late packets go at once. */
static void pace(const struct options *o, const struct timespec *start, unsigned long n)
{
	struct timespec due = *start;
	unsigned long long ns;

	if (!o->pps)
		return;
	ns = due.tv_nsec + n * 1000000000ull / o->pps;
	due.tv_sec += ns / 1000000000;
	due.tv_nsec = ns % 1000000000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

/* True: try again. Full buffers pass; ECONNREFUSED speaks of an earlier datagram. */
static bool refused_for_now(int *times)
{
	if (errno == EINTR || errno == ECONNREFUSED)
		return !stopped;
	if (errno != ENOBUFS && errno != EAGAIN)
		error(1, errno, "send");
	usleep(100);
	return ++*times < REFUSALS && !stopped;
}

static void use_txtime(int fd, const struct options *o)
{
	struct sock_txtime txtime = { .clockid = o->clock };

	if (o->clock >= 0 && setsockopt(fd, SOL_SOCKET, SO_TXTIME, &txtime, sizeof(txtime)))
		error(1, errno, "SO_TXTIME clock %d", o->clock);
}

union control {
	char bytes[CMSG_SPACE(sizeof(__u64))];
	struct cmsghdr align;
};

/* A launch time for a message, in its payload too. */
static void launch_at(const struct options *o, struct msghdr *header, union control *control, char *payload)
{
	struct cmsghdr *cmsg;
	struct timespec now;
	__be64 wire;
	__u64 at;

	clock_gettime(o->clock, &now);
	at = now.tv_sec * 1000000000ull + now.tv_nsec + o->ahead;
	wire = htobe64(at);
	memcpy(payload + 4, &wire, sizeof(wire));
	header->msg_control = control->bytes;
	header->msg_controllen = sizeof(control->bytes);
	cmsg = CMSG_FIRSTHDR(header);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_TXTIME;
	cmsg->cmsg_len = CMSG_LEN(sizeof(at));
	memcpy(CMSG_DATA(cmsg), &at, sizeof(at));
}

/* One send each of up to BATCH messages; a message carries one datagram, or as many as UDP_SEGMENT takes. */
static struct sent send_all(int fd, const struct options *o, struct msghdr *header)
{
	long per_message = o->segment ? MAX_PAYLOAD / o->segment : 1;
	struct mmsghdr messages[BATCH];
	struct iovec payloads[BATCH];
	union control controls[BATCH];
	struct sent sent = { 0 };
	struct timespec start;
	unsigned long next = 0;
	char *buffer;
	int refusals = 0;

	if (per_message > MAX_SEGMENTS)
		per_message = MAX_SEGMENTS;
	buffer = calloc(BATCH, per_message * o->size);
	if (!buffer)
		error(1, errno, "%d messages of %ld bytes", BATCH, per_message * o->size);
	clock_gettime(CLOCK_MONOTONIC, &start);

	while (!stopped && (!o->count || next < (unsigned long)o->count)) {
		unsigned long first = next, datagrams[BATCH];
		int filled = 0, done;

		for (; filled < (o->pps ? 1 : BATCH) && (!o->count || next < (unsigned long)o->count); filled++) {
			char *message = buffer + filled * per_message * o->size;
			long n = 0;

			for (; n < per_message && (!o->count || next < (unsigned long)o->count); n++, next++)
				*(__be32 *)(message + n * o->size) = htonl(next);
			datagrams[filled] = n;
			payloads[filled] = (struct iovec){ message, n * o->size };
			messages[filled].msg_hdr = *header;
			messages[filled].msg_hdr.msg_iov = &payloads[filled];
			messages[filled].msg_hdr.msg_iovlen = 1;
			if (o->clock >= 0)
				launch_at(o, &messages[filled].msg_hdr, &controls[filled], message);
		}
		pace(o, &start, first);
		for (done = 0; done < filled;) {
			int n = sendmmsg(fd, messages + done, filled - done, 0);

			if (n < 0 && refused_for_now(&refusals))
				continue;
			if (stopped && n < 0)
				break;
			refusals = 0;
			if (n < 0)
				sent.refused += datagrams[done++];
			for (; n > 0; n--, done++) {
				sent.packets += datagrams[done];
				sent.bytes += payloads[done].iov_len;
			}
		}
	}
	free(buffer);
	return sent;
}

static struct sent talk_udp(const struct options *o)
{
	struct address to = address_of(o->to, o->port);
	struct msghdr header = { .msg_name = &to.any, .msg_namelen = to.length };
	int fd = open_socket(o, &to, SOCK_DGRAM);
	struct sent sent;

	use_txtime(fd, o);
	if (o->segment)
		set(fd, IPPROTO_UDP, UDP_SEGMENT, o->segment, "UDP_SEGMENT");
	if (o->connect) {
		if (connect(fd, &to.any, to.length))
			error(1, errno, "connect %s port %s", o->to, o->port);
		header = (struct msghdr){ 0 };
	}
	sent = send_all(fd, o, &header);
	close(fd);
	return sent;
}

static struct sent talk_raw(const struct options *o)
{
	struct sockaddr_ll everyone = { .sll_family = AF_PACKET, .sll_protocol = htons(o->ethertype), .sll_halen = 6,
					.sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	struct msghdr header = { .msg_name = &everyone, .msg_namelen = sizeof(everyone) };
	/* SOCK_DGRAM: the kernel writes the Ethernet header. Protocol 0: receive nothing. */
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	struct sent sent;

	if (fd < 0)
		error(1, errno, "AF_PACKET socket");
	everyone.sll_ifindex = o->dev ? if_nametoindex(o->dev) : 0;
	if (!everyone.sll_ifindex)
		error(2, errno, "--dev %s", o->dev ? o->dev : "is missing");
	if (o->priority >= 0)
		set(fd, SOL_SOCKET, SO_PRIORITY, o->priority, "SO_PRIORITY");
	use_txtime(fd, o);
	sent = send_all(fd, o, &header);
	close(fd);
	return sent;
}

struct crafted {
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

static __u16 ip_sum(const void *header, size_t length)
{
	const __u16 *word = header;
	__u32 sum = 0;

	for (; length; length -= 2)
		sum += *word++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static struct sent talk_crafted(const struct options *o)
{
	struct address to = address_of(o->to, o->port), from = address_of(o->from, NULL);
	struct sockaddr_ll neighbour = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_halen = 6 };
	struct crafted *packet = calloc(1, sizeof(*packet) + o->size);
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	unsigned char *mac = neighbour.sll_addr;
	struct timespec start;
	struct sent sent = { 0 };

	if (fd < 0 || !packet)
		error(1, errno, "AF_PACKET socket");
	neighbour.sll_ifindex = o->dev ? if_nametoindex(o->dev) : 0;
	if (!neighbour.sll_ifindex)
		error(2, errno, "--dev %s", o->dev ? o->dev : "is missing");
	if (!o->mac || sscanf(o->mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6)
		error(2, 0, "--mac %s: not a MAC address", o->mac ? o->mac : "is missing");
	if (o->priority >= 0)
		set(fd, SOL_SOCKET, SO_PRIORITY, o->priority, "SO_PRIORITY");
	if (o->bypass)
		set(fd, SOL_PACKET, PACKET_QDISC_BYPASS, 1, "PACKET_QDISC_BYPASS");
	packet->ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
				     .tot_len = htons(sizeof(*packet) + o->size), .tos = o->tos < 0 ? 0 : o->tos,
				     .saddr = from.v4.sin_addr.s_addr, .daddr = to.v4.sin_addr.s_addr };
	packet->ip.check = ip_sum(&packet->ip, sizeof(packet->ip));
	packet->udp.dest = to.v4.sin_port;
	packet->udp.len = htons(sizeof(packet->udp) + o->size);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (long n = 0; !stopped && (!o->count || n < o->count); n++) {
		/* Another flow each. */
		packet->udp.source = htons(1024 + n % 60000);
		pace(o, &start, n);
		if (sendto(fd, packet, sizeof(*packet) + o->size, 0, (struct sockaddr *)&neighbour, sizeof(neighbour)) < 0)
			sent.refused++;
		else
			sent.packets++;
	}
	sent.bytes = sent.packets * o->size;
	free(packet);
	close(fd);
	return sent;
}

static struct sent talk_tcp(const struct options *o)
{
	struct address to = address_of(o->to, o->port);
	int fd = open_socket(o, &to, SOCK_STREAM);
	static char buffer[65536];
	struct sent sent = { 0 };

	if (connect(fd, &to.any, to.length))
		error(1, errno, "connect %s port %s", o->to, o->port);
	while (!stopped && sent.bytes < (unsigned long)o->bytes) {
		size_t left = o->bytes - sent.bytes;
		ssize_t n = send(fd, buffer, left < sizeof(buffer) ? left : sizeof(buffer), MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			error(1, errno, "send to %s port %s", o->to, o->port);
		if (n > 0)
			sent.bytes += n;
	}
	/* The peer closes after the last byte: when we end, all of it has left. */
	shutdown(fd, SHUT_WR);
	while (!stopped && recv(fd, buffer, sizeof(buffer), 0) > 0)
		;
	close(fd);
	return sent;
}

static int listen_at(int port, int type)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(port) };	/* and IPv4, mapped */
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK, 0);

	if (fd < 0)
		error(1, errno, "socket for port %d", port);
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
	set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0, "IPV6_V6ONLY");
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) || (type == SOCK_STREAM && listen(fd, 64)))
		error(1, errno, "listen at port %d", port);
	return fd;
}

/* Datagrams die in a socket filter: no ICMP error goes back, no buffer fills, nobody is woken. */
static void discard_datagrams(int port)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { 1, &drop };

	if (setsockopt(listen_at(port, SOCK_DGRAM), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		error(1, errno, "SO_ATTACH_FILTER");
}

static void watch(int epoll, int fd, bool listening)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = (unsigned)fd | (unsigned long long)listening << 32 };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		error(1, errno, "epoll_ctl");
}

static void sink(const struct options *o)
{
	struct rlimit files;
	int first, last, epoll = epoll_create1(0);

	if (!o->ports || sscanf(o->ports, "%d-%d", &first, &last) != 2 || first < 1 || last > 65535 || first > last)
		error(2, 0, "--ports %s: not A-B", o->ports ? o->ports : "is missing");
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	for (int port = first; port <= last; port++) {
		if (o->udp)
			discard_datagrams(port);
		if (o->tcp)
			watch(epoll, listen_at(port, SOCK_STREAM), true);
	}
	puts("ready");
	fflush(stdout);
	while (!stopped) {
		struct epoll_event event;
		ssize_t n;

		/* Not for ever: a signal may come just before. */
		if (epoll_wait(epoll, &event, 1, 1000) < 1)
			continue;
		if (event.data.u64 >> 32) {
			int fd = accept4(event.data.u64, NULL, NULL, SOCK_NONBLOCK);

			if (fd >= 0)
				watch(epoll, fd, false);
			continue;
		}
		/* TCP's MSG_TRUNC: discard without copying. */
		n = recv(event.data.u64, NULL, 1 << 20, MSG_TRUNC);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			close(event.data.u64);
	}
}

int main(int argc, char **argv)
{
	struct sigaction on_signal = { .sa_handler = stop };
	const char *what = argc > 1 ? argv[1] : "nothing";
	struct options o;
	struct sent sent;

	sigaction(SIGTERM, &on_signal, NULL);
	sigaction(SIGINT, &on_signal, NULL);
	o = parse(argc - (argc > 1), argv + (argc > 1));
	if (!strcmp(what, "sink")) {
		sink(&o);
		return 0;
	}
	if (!strcmp(what, "udp"))
		sent = talk_udp(&o);
	else if (!strcmp(what, "tcp"))
		sent = talk_tcp(&o);
	else if (!strcmp(what, "craft"))
		sent = talk_crafted(&o);
	else if (!strcmp(what, "raw"))
		sent = talk_raw(&o);
	else
		error(2, 0, "%s: not one of udp, tcp, raw, craft, sink", what);
	printf("{\"sent\":%lu,\"bytes\":%lu,\"refused\":%lu}\n", sent.packets, sent.bytes, sent.refused);
	return 0;
}
