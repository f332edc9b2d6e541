/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tsn.h"

int check_delegates(const char *state_dir, const char *container, const char *ifname)
{
	char *path = NULL, *key = NULL;
	size_t size;
	FILE *f = open_memstream(&path, &size);
	int error = EBUSY;

	if (!f || asprintf(&key, "%s:%s", container, ifname) < 0)
		return ENOMEM;
	fprintf(f, "%s/attachments/", state_dir);
	for (const char *s = key; *s; s++)
		fprintf(f, *s == '.' || *s == '%' ? "%%%02x" : "%c", *s);
	fputs(".delegates", f);
	if (fclose(f))
		error = ENOMEM;
	else if (access(path, F_OK))
		error = errno == ENOENT ? 0 : errno;
	free(path);
	free(key);
	return error;
}

static int save(const char *path, const struct buf *payload)
{
	const uint32_t unset = NETNS_UNSET;	/* the same bytes in either order */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), error = 0;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		return errno;
	if (fwrite(payload->data, 4, 1, f) != 1 || fwrite(&unset, 4, 1, f) != 1 ||
	    fwrite(payload->data + 8, payload->len - 8, 1, f) != 1 || fflush(f) || fsync(fd))
		error = errno;
	fclose(f);
	return error;
}

/* Counts our own file too, so that however many shims do this at once keep the limit. */
static int check_room(const char *dir)
{
	DIR *d = opendir(dir);
	int files = -2;		/* . and .. */

	if (!d)
		return errno;
	while (readdir(d))
		files++;
	closedir(d);
	return files > SPOOL_MAX ? EDQUOT : 0;
}

int spool(const char *state_dir, const struct buf *payload, char **file)
{
	char *dir, *temporary;
	struct timespec t;
	int error;

	clock_gettime(CLOCK_REALTIME, &t);
	if (asprintf(&dir, "%s/spool", state_dir) < 0 ||
	    asprintf(file, "%s/%012lld.%09ld-%d.req", dir, (long long)t.tv_sec, t.tv_nsec,
		     (int)getpid()) < 0 ||
	    asprintf(&temporary, "%s.tmp", *file) < 0)
		return ENOMEM;
	mkdir(state_dir, 0700);
	mkdir(dir, 0700);
	error = save(temporary, payload);
	if (!error)
		error = check_room(dir);
	if (!error && rename(temporary, *file))
		error = errno;
	if (error) {
		unlink(temporary);
		free(*file);
	}
	free(temporary);
	free(dir);
	return error;
}
