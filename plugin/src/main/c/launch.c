// SPDX-License-Identifier: Apache-2.0
// tsnd and tsnctl: becomes java with the flags of lib/java.args and of lib/NAME.args, which also says the class. A
// program, not a script, because the image has no shell.
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// As a shell does for a command that it cannot start.
static const int CANNOT_START = 127;

static const char *name = "tsn";

__attribute__((noreturn, format(printf, 1, 2)))
static void fail(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s: ", name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(CANNOT_START);
}

__attribute__((format(printf, 1, 2)))
static char *text(const char *format, ...)
{
	va_list arguments;
	char *made;

	va_start(arguments, format);
	if (vasprintf(&made, format, arguments) < 0)
		fail("out of memory");
	va_end(arguments);
	return made;
}

// HOME of HOME/bin/NAME, wherever a link to it lies; sets the name.
static char *installed(void)
{
	static char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (length < 0)
		fail("/proc/self/exe, which says where lib/ is: %s", strerror(errno));
	self[length] = '\0';
	slash = strrchr(self, '/');
	*slash = '\0';
	name = slash + 1;
	slash = strrchr(self, '/');
	if (!slash || strcmp(slash, "/bin") != 0)
		fail("it lies in '%s/', and has to lie in bin/ beside lib/", self);
	*slash = '\0';
	return self;
}

// One by one, in a fixed order: the archive of loaded classes fits no other class path.
static char *class_path(const char *home)
{
	char *path = text("%s", "");
	glob_t jars;

	if (glob(text("%s/lib/*.jar", home), 0, NULL, &jars))
		fail("no jar in %s/lib: install the whole of dist/ there", home);
	for (size_t i = 0; i < jars.gl_pathc; i++)
		path = text("%s%s%s", path, i ? ":" : "", jars.gl_pathv[i]);
	return path;
}

static void become_java(const char *home, char **argv)
{
	const char *java_home = getenv("JAVA_HOME");

	argv[0] = text("%s/runtime/bin/java", home);
	if (access(argv[0], X_OK) == 0) {
		execv(argv[0], argv);
	} else if (java_home && *java_home) {
		argv[0] = text("%s/bin/java", java_home);
		execv(argv[0], argv);
	} else {
		argv[0] = text("java");
		execvp(argv[0], argv);
	}
	fail("cannot start %s: %s; install Java 17, or set JAVA_HOME to where it is", argv[0], strerror(errno));
}

int main(int argc, char **argv)
{
	const char *home = installed();
	char *archive = text("%s/lib/classes.jsa", home);
	char **java = calloc((size_t)argc + 9, sizeof(*java));
	int n = 1;

	if (!java)
		fail("out of memory");
	java[n++] = text("-Dtsn.objects=%s/bpf", home);
	java[n++] = text("-Dtsn.shim=%s/bin/tsn", home);
	java[n++] = text("-Djna.boot.library.path=%s/lib", home);
	if (access(archive, R_OK) == 0)
		java[n++] = text("-XX:SharedArchiveFile=%s", archive);
	java[n++] = text("-cp");
	java[n++] = class_path(home);
	java[n++] = text("@%s/lib/java.args", home);
	java[n++] = text("@%s/lib/%s.args", home, name);
	memcpy(java + n, argv + 1, (size_t)argc * sizeof(*argv));
	become_java(home, java);
}
