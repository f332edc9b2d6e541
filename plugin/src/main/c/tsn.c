/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CNI plugin that a container runtime runs: it hands the request to the
 * agent, runs the plugins that the agent names, and prints what the agent
 * answers. Policy lives in the agent; here is what must hold when there is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "tsn.h"

#define VERSIONS	"{\"cniVersion\":\"1.1.0\"," \
			"\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}"
#define CONNECT_MS	5000	/* an agent restarts in less */
#define CONTAINER_MAX	200
#define IFNAME_MAX	15

extern char **environ;

/* Tells a shim of ours from another program of its name: ShimFile.java looks for it. */
static const char mark[] __attribute__((used)) = "tsn-cni-shim " TSN_VERSION;

static struct request request = { .netns = -1 };

int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static void json_string(const char *s)
{
	mbstate_t state = { 0 };

	putchar('"');
	for (size_t n; *s; s += n) {
		n = mbrlen(s, 4, &state);
		if (n > 4) {
			fputs("\\ufffd", stdout);
			state = (mbstate_t){ 0 };
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			printf("\\%c", *s);
		} else if ((unsigned char)*s < ' ') {
			printf("\\u%04x", *s);
		} else {
			fwrite(s, 1, n, stdout);
		}
	}
	putchar('"');
}

int cni_error(enum cni_code code, const char *msg, ...)
{
	char text[1024];
	va_list args;

	va_start(args, msg);
	vsnprintf(text, sizeof(text), msg, args);
	va_end(args);
	setlocale(LC_CTYPE, "C.UTF-8");
	printf("{\"cniVersion\":\"1.1.0\",\"code\":%d,\"msg\":", code);
	json_string(text);
	puts("}");
	return EXIT_FAILURE;
}

static const char *setting(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

static int print_answer(void)
{
	fwrite(request.output, 1, request.output_len, stdout);
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILURE : (int)request.exit;
}

static int no_answer(enum cni_code code)
{
	return cni_error(code, "no answer from the agent at %s: %s; start tsnd on this node, or, if tsn-cni is "
			 "to go, run tsnd uninstall", request.socket, request.why);
}

static const char *file_name(const char *variable, size_t max)
{
	const char *value = getenv(variable);

	return value && *value && strlen(value) <= max && !strchr(value, '/') ? value : NULL;
}

static int unusable(const char *variable)
{
	return cni_error(INVALID_ENVIRONMENT, "%s: missing or unusable: '%s'", variable,
			 setting(variable, ""));
}

/* Leaves the request for the next agent. One that came just now may have looked before it was
 * there, or have swept it away half-written, and is asked once more. */
static int keep(bool *answered)
{
	char *file = NULL;
	int error = spool(setting("TSN_STATE_DIR", "/var/lib/tsn"), &request.payload, &file);

	*answered = ask(&request, 0);
	if (!error && *answered)
		unlink(file);
	if (!error)
		free(file);
	return *answered ? 0 : error;
}

/* A runtime may not repeat a DEL, so one that meets no agent is kept until the next starts.
 * It runs no delegates then, so a DEL that needs some is left for the runtime to repeat. */
static int keep_del(void)
{
	const char *container = file_name("CNI_CONTAINERID", CONTAINER_MAX);
	const char *ifname = file_name("CNI_IFNAME", IFNAME_MAX);
	const char *state_dir = setting("TSN_STATE_DIR", "/var/lib/tsn");
	bool answered = false;
	int error;

	if (!container || !ifname)
		return unusable(container ? "CNI_IFNAME" : "CNI_CONTAINERID");
	error = check_delegates(state_dir, container, ifname);
	if (!error)
		error = keep(&answered);
	if (error)
		return cni_error(TRY_AGAIN_LATER, "no answer from the agent at %s: %s; nor can this DEL "
				 "be kept for it in %s/spool (at most %d, none with delegates): %s",
				 request.socket, request.why, state_dir, SPOOL_MAX, strerror(error));
	return answered ? print_answer() : EXIT_SUCCESS;
}

/* The operator prefers pods without TSN to no pods: this one gets it when there is an agent. */
static int pass_add(const struct span *prev_result)
{
	bool answered = false;
	int error = keep(&answered);

	if (answered)
		return print_answer();
	fprintf(stderr, "tsn: no answer from the agent at %s: %s; the pod starts without TSN, as onAgentDown "
		"says, ", request.socket, request.why);
	if (error)
		fprintf(stderr, "and stays without, because nothing can be left for the next agent: %s\n",
			strerror(error));
	else
		fputs("until there is one\n", stderr);
	fwrite(prev_result->data, 1, prev_result->len, stdout);
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int no_agent(const char *command, const struct buf *conf)
{
	struct span prev_result;
	bool pass = request.absent && may_pass(conf, &prev_result);

	if (pass && !strcmp(command, "STATUS"))
		return EXIT_SUCCESS;
	if (pass && prev_result.data && !strcmp(command, "ADD"))
		return pass_add(&prev_result);
	if (pass && prev_result.data && !strcmp(command, "CHECK")) {
		fprintf(stderr, "tsn: no answer from the agent at %s: %s; the pod is not checked, as "
			"onAgentDown says\n", request.socket, request.why);
		return EXIT_SUCCESS;
	}
	return no_answer(strcmp(command, "STATUS") ? TRY_AGAIN_LATER : PLUGIN_NOT_AVAILABLE);
}

static int read_stdin(struct buf *in)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char chunk[4096];
	ssize_t n;

	do {
		int64_t left = request.deadline - milliseconds();

		if (!poll(&p, 1, left > 0 ? (int)left : 0))
			return ETIMEDOUT;
		n = read(p.fd, chunk, sizeof(chunk));
		if (n < 0)
			return errno;
		put(in, chunk, n);
	} while (n > 0 && in->len <= STDIN_MAX);
	return 0;
}

static bool make_request(const struct buf *in)
{
	struct buf *payload = &request.payload;
	const char *path = setting("CNI_NETNS", NULL);
	uint32_t i, n = 0;

	if (path)
		request.netns = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK /* a fifo */);
	put_u32(payload, FRAME_PROTOCOL);
	put_u32(payload, !path ? NETNS_UNSET : request.netns < 0 ? (uint32_t)errno : 0);
	while (environ[n])
		n++;
	put_u32(payload, n);
	for (i = 0; i < n; i++)
		put_blob(payload, environ[i], strlen(environ[i]));
	put_blob(payload, in->data, in->len);
	return n <= ENV_MAX && payload->len <= FRAME_MAX;
}

static int serve(const char *command)
{
	const char *seconds = setting("TSN_TIMEOUT", "110");	/* kubelet waits 120 */
	static struct buf in;
	char *end;
	int error;

	request.timeout = strtoul(seconds, &end, 10);
	if (*end || request.timeout < 1 || request.timeout > 3600)
		return unusable("TSN_TIMEOUT");
	request.deadline = milliseconds() + (int64_t)request.timeout * 1000;
	request.socket = setting("TSN_SOCKET", "/run/tsn/tsnd.sock");
	error = read_stdin(&in);
	if (error)
		return cni_error(IO_FAILURE, "stdin: %s", strerror(error));
	if (in.len > STDIN_MAX)
		return cni_error(DECODING_FAILURE, "stdin: over %u bytes", STDIN_MAX);
	if (!make_request(&in))
		return cni_error(INVALID_ENVIRONMENT, "the environment: over %u variables or, with stdin, "
				 "over %u bytes", ENV_MAX, FRAME_MAX);
	/* A delegate gets nothing that the runtime forgot to close. */
	syscall(SYS_close_range, 3, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */);
	children_init();
	if (ask(&request, CONNECT_MS))
		return print_answer();
	if (!strcmp(command, "DEL"))
		return keep_del();
	return no_agent(command, &in);
}

int main(int argc, char **argv)
{
	static const char *const commands[] = { "ADD", "DEL", "CHECK", "GC", "STATUS" };
	const char *command = setting("CNI_COMMAND", "");
	char **e = environ;
	bool by_hand;
	size_t i;

	(void)argv;
	while (*e && strncmp(*e, "CNI_", 4))
		e++;
	by_hand = argc > 1 || !*e;
	if (!by_hand && !strcmp(command, "VERSION"))
		return puts(VERSIONS) < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	for (i = 0; !by_hand && i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(command, commands[i]))
			return serve(command);
	if (!by_hand && !isatty(STDIN_FILENO))
		return unusable("CNI_COMMAND");
	puts("tsn " TSN_VERSION ", a CNI plugin: container runtimes run it. For people there is tsnctl.");
	return EXIT_SUCCESS;
}
