// SPDX-License-Identifier: GPL-2.0
/* Whose bytes are these: files, offsets in them, and the processes that map them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "intr.h"
#include "who.h"

/* The rows of one extent. */
struct rows {
	struct who_list *w;
	const struct nsinfo *ns;	/* NULL: System RAM */
	const char *name;	/* of the target; NULL: there is none */
	size_t n;
};

/* A mapping, if it has a part of the bytes: its line of /proc/PID/maps. */
static void add_mapping(struct who_row *row, const char *line)
{
	const struct owner *o = &row->is;
	uint64_t start, end, pgoff, ino, at, n;
	unsigned int maj, min;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %x:%x %" SCNu64,
		   &start, &end, &pgoff, &maj, &min, &ino) != 6 ||
	    ino != o->ino || makedev(maj, min) != o->dev)
		return;
	at = o->off > pgoff ? o->off - pgoff : 0;
	n = end - start;
	if (at >= n || o->off + o->len <= pgoff)
		return;
	row->v = xrealloc(row->v, (row->n + 1) * sizeof(*row->v));
	row->v[row->n++] = (struct who_process){ .address = start + at };
}

/* What is the same of all mappings of a process, those from @first on. */
static void name_process(struct who_row *row, size_t first, const char *pid,
			 const struct fate_rules *rules)
{
	struct who_process p = {
		.pid = strtoull(pid, NULL, 10), .early = who_early(rules, pid),
	};

	if (read_text(p.comm, sizeof(p.comm), "/proc/%s/comm", pid) < 0)
		*p.comm = '\0';
	for (; first < row->n; first++) {
		p.address = row->v[first].address;
		row->v[first] = p;
	}
}

/* One that has ended meanwhile maps nothing. */
static void look_process(struct who_row *row, const char *pid, const struct fate_rules *rules)
{
	char path[64], *text, *line, *rest;
	size_t first = row->n;

	snprintf(path, sizeof(path), "/proc/%.20s/maps", pid);
	text = read_whole(path);
	if (!text)
		return;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		add_mapping(row, line);
	free(text);
	if (row->n > first)
		name_process(row, first, pid, rules);
}

static void look_processes(struct who_row *row, const struct fate_rules *rules)
{
	struct dirent *e;
	DIR *dir = open_folder("/proc");

	if (!dir)
		return;
	while (!interrupted() && (e = readdir(dir)))
		if (e->d_name[strspn(e->d_name, "0123456789")] == '\0')
			look_process(row, e->d_name, rules);
	closedir(dir);
}

static char *copy_of(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		no_memory();
	return copy;
}

static void add_row(const struct owner *o, void *arg)
{
	struct rows *r = arg;
	struct who_list *w = r->w;
	struct who_row *row;

	w->v = xrealloc(w->v, (w->n + 1) * sizeof(*w->v));
	row = &w->v[w->n++];
	*row = (struct who_row){
		.target = copy_of(r->name),
		.ns = r->ns,
		.spa = (r->ns ? r->ns->data_base : 0) + o->ns_off,
		.is = *o,
	};
	row->is.path = copy_of(o->path);
	who_rules(&w->rules);
	who_fate(&w->rules, row->ns, o, row->spa, &row->fate);
	if (o->ino)
		look_processes(row, &w->rules);
	r->n++;
}

/* Processes map the node, whose bytes are those of the data area. */
static void add_devdax(struct rows *r, uint64_t off, uint64_t len)
{
	struct owner o = { .use = "device", .off = off, .ns_off = off, .len = len };
	struct media_stat st;
	char node[NAME_LEN + 8];
	int fd;

	snprintf(node, sizeof(node), "/dev/%s", r->ns->daxdev);
	fd = machine->open(node, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !machine->stat(fd, &st)) {
		o.path = node;
		o.dev = st.dev;
		o.ino = st.ino;
	}
	if (fd >= 0)
		close(fd);
	add_row(&o, r);
}

/* @off: in the data area, or the SPA of System RAM */
static int add_bytes(struct rows *r, uint64_t off, uint64_t len)
{
	struct owner none = { .ns_off = off, .len = len };
	size_t before = r->n;
	int rc = 0;

	if (!r->ns) {
		none.use = "System RAM";
	} else if (r->ns->mode == NS_DEVDAX) {
		add_devdax(r, off, len);
	} else {
		rc = machine->owners(r->ns, off, len, add_row, r);
		none.use = rc == -ENOENT ? "not mounted" : "unknown";
		rc = rc == -ENOENT ? 0 : rc;
	}
	if (!rc && r->n == before)
		add_row(&none, r);
	return rc;
}

int who_range(const struct nsinfo *ns, uint64_t off, uint64_t len, struct who_list *w)
{
	struct rows r = { .w = w, .ns = ns };

	return add_bytes(&r, off, len);
}

int who_target(const char *name, const struct place *place, struct who_list *w)
{
	struct rows r = { .w = w };
	struct target t;
	size_t i;
	int err = 0, rc = target_resolve(name, place, false, &t);

	if (rc)
		return rc;
	r.ns = t.ns;
	r.name = t.name;
	for (i = 0; i < t.n && !err; i++)
		err = add_bytes(&r, t.ns ? t.v[i].ns_off : t.v[i].spa, t.v[i].len);
	rc = intr_check();
	if (!rc && err)
		rc = complain(EXIT_SETUP, "cannot find out whose '%s' is: %s",
			      name, strerror(-err));
	target_free(&t);
	return rc;
}

void who_free(struct who_list *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		free(w->v[i].target);
		free((char *)w->v[i].is.path);
		free(w->v[i].v);
	}
	free(w->v);
	w->v = NULL;
	w->n = 0;
}

/* The number behind some words: in pages, bytes, or blocks of a device. */
static bool number_after(const char *line, const char *words, int base,
			 uint64_t *v)
{
	const char *at = strstr(line, words);
	char *end;

	if (!at)
		return false;
	at += strlen(words);
	errno = 0;
	*v = strtoull(at, &end, base);
	return end != at && !errno;
}

bool who_line(const char *line, char *name, size_t size, struct place *place)
{
	const char *dev = strstr(line, "I/O error, dev ");
	uint64_t v;

	*place = (struct place){ 0 };
	if (number_after(line, "Memory failure: ", 16, &v)) {
		snprintf(name, size, "pfn:%#" PRIx64, v);
		return true;
	}
	if (number_after(line, "hardware memory error in user-access at ", 16, &v)) {
		snprintf(name, size, "spa:%#" PRIx64, v);
		return true;
	}
	if (dev && number_after(dev, ", sector ", 10, &v)) {
		dev += strlen("I/O error, dev ");
		snprintf(name, size, "/dev/%.*s", (int)strcspn(dev, ","), dev);
		place->block_set = true;
		place->block = v;
		return true;
	}
	v = strcspn(line, " \t\r");
	if (!v || v >= size || line[v + strspn(line + v, " \t\r")])
		return false;
	snprintf(name, size, "%.*s", (int)v, line);
	return true;
}
