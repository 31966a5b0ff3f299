// SPDX-License-Identifier: GPL-2.0
/* Pages that a repair puts at risk, kept until they are good. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keep.h"
#include "util.h"

#define MAGIC	"poisonctl kept 2"

struct kept_file {
	char magic[16];
	char boot[48];		/* /run does not survive a boot; this says so */
	struct kept k;
	uint8_t data[PAGE];
};

static void path_of(char *path, size_t size, uint64_t spa, const char *end)
{
	snprintf(path, size, "%s" KEPT_DIR "/%016" PRIx64 "%s", sysroot, spa,
		 end);
}

static void boot_id(char *to, size_t size)
{
	memset(to, 0, size);
	if (read_text(to, size, "/proc/sys/kernel/random/boot_id") < 0)
		copy_name(to, size, "unknown");
}

static int make_dir(void)
{
	static const char * const dirs[] = { "/run/poisonctl", KEPT_DIR };
	char path[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s%s", sysroot, dirs[i]);
		if (mkdir(path, 0700 | (i ? 0 : 0055)) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int write_file(const char *path, const struct kept_file *f)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, f, sizeof(*f));
	if (n < 0)
		rc = -errno;
	else if (n != (ssize_t)sizeof(*f))
		rc = -ENOSPC;
	if (close(fd) && !rc)
		rc = -errno;
	return rc;
}

static bool read_file(uint64_t spa, struct kept_file *f)
{
	char path[512], boot[sizeof(f->boot)];
	ssize_t n;
	int fd;

	path_of(path, sizeof(path), spa, "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, f, sizeof(*f));
	close(fd);
	/* a hint, and nothing if it is damaged */
	if (n == (ssize_t)sizeof(*f) && !memchr(f->k.path, '\0', sizeof(f->k.path)))
		*f->k.path = '\0';
	boot_id(boot, sizeof(boot));
	return n == (ssize_t)sizeof(*f) && f->k.spa == spa &&
	       !memcmp(f->magic, MAGIC, sizeof(f->magic)) &&
	       !memcmp(f->boot, boot, sizeof(boot));
}

int keep_save(const struct kept *k, const uint8_t *data)
{
	struct kept_file *f = xrealloc(NULL, sizeof(*f));
	char part[512], path[512];
	int rc = make_dir();

	if (!rc && !read_file(k->spa, f)) {
		memcpy(f->magic, MAGIC, sizeof(f->magic));
		boot_id(f->boot, sizeof(f->boot));
		f->k = *k;
		memcpy(f->data, data, PAGE);
		path_of(part, sizeof(part), k->spa, ".part");
		path_of(path, sizeof(path), k->spa, "");
		rc = write_file(part, f);
		if (!rc && rename(part, path))
			rc = -errno;
		if (rc)
			unlink(part);
	}
	free(f);
	return rc;
}

bool keep_load(uint64_t spa, struct kept *k, uint8_t *data)
{
	struct kept_file *f = xrealloc(NULL, sizeof(*f));
	bool there = read_file(spa, f);

	if (there) {
		*k = f->k;
		memcpy(data, f->data, PAGE);
	}
	free(f);
	return there;
}

bool keep_path(uint64_t spa, char *path, size_t size)
{
	uint8_t data[PAGE];
	struct kept k;

	if (!keep_load(spa, &k, data) || !*k.path)
		return false;
	copy_name(path, size, k.path);
	return true;
}

void keep_list(struct ranges *to)
{
	char path[512], *end;
	struct dirent *e;
	uint64_t spa;
	DIR *d;

	snprintf(path, sizeof(path), "%s" KEPT_DIR, sysroot);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		spa = strtoull(e->d_name, &end, 16);
		if (!*end && end != e->d_name)
			ranges_add(to, spa, PAGE);
	}
	if (d)
		closedir(d);
}

void keep_drop(const struct ranges *good)
{
	struct ranges all = { 0 };
	char path[512];
	uint64_t pos;
	size_t i;

	keep_list(&all);
	for (i = 0; i < all.n; i++)
		for (pos = all.v[i].start; pos < all.v[i].start + all.v[i].len;
		     pos += PAGE) {
			if (!ranges_cover(good, pos, PAGE))
				continue;
			path_of(path, sizeof(path), pos, "");
			unlink(path);
		}
	ranges_free(&all);
}
