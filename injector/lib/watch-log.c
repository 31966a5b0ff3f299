// SPDX-License-Identifier: GPL-2.0
/* Sources that tell in words: the kernel log and the tracepoints. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "family-tree.h"
#include "kmsg.h"
#include "put.h"
#include "watch.h"

#define LOG		"kernel log"
#define TRACE_MF	"ras:memory_failure_event"
#define TRACE_MCE	"mce:mce_record"
#define INSTANCE	"poisonctl."

/* IA32_MCi_STATUS, SDM vol. 3B, 16.3.2.2; the address's unit is in MISC. */
#define MCI_MISCV	(1ULL << 59)
#define MCI_ADDRV	(1ULL << 58)
#define MISC_LSB(m)	((m) & 0x3f)

/* "PFN: recovery action for TYPE: RESULT", in log and trace alike. */
static bool emit_action(struct watch *w, const char *source, const char *text)
{
	static const char words[] = ": recovery action for ";
	char *end, *result, type[64];
	uint64_t pfn = strtoull(text, &end, 16);
	json_object *o;

	if (strncmp(end, words, strlen(words)))
		return false;
	text = end + strlen(words);
	result = strstr(text, ": ");
	if (!result)
		return false;
	snprintf(type, sizeof(type), "%.*s", (int)(result - text), text);
	o = json_object_new_object();
	put_str(o, "page_type", type);
	put_str(o, "result", result + 2);
	watch_emit(w, EVENT_MEMORY_FAILURE, source, pfn * PAGE, PAGE, o);
	return true;
}

/*
 * COMM:PID, @len bytes of @text.  A process may have any name, so the number is looked
 * for from behind.
 */
static json_object *named_process(const char *text, size_t len)
{
	char comm[64], *colon;
	json_object *o;

	snprintf(comm, sizeof(comm), "%.*s", (int)len, text);
	colon = strrchr(comm, ':');
	if (!colon)
		return NULL;
	*colon = '\0';
	o = json_object_new_object();
	put_str(o, "comm", comm);
	put_u64(o, "pid", strtoull(colon + 1, NULL, 10));
	return o;
}

/* "PFN: Sending SIGBUS to COMM:PID due to hardware memory corruption" */
static void emit_sigbus(struct watch *w, const char *text)
{
	static const char words[] = ": Sending SIGBUS to ";
	char *end;
	uint64_t pfn = strtoull(text, &end, 16);
	const char *due;
	json_object *o;

	if (strncmp(end, words, strlen(words)))
		return;
	end += strlen(words);
	due = strstr(end, " due to ");
	o = named_process(end, due ? (size_t)(due - end) : strlen(end));
	if (!o)
		return;
	watch_emit(w, EVENT_SIGBUS, LOG, pfn * PAGE, PAGE, o);
}

/* The address that a log line ends with; its unit is not said. */
static void emit_logged_mce(struct watch *w, const char *line)
{
	static const char words[] = "hardware memory error in user-access at ";
	const char *at = strstr(line, words);

	if (at)
		watch_emit(w, EVENT_MACHINE_CHECK, LOG,
			   strtoull(at + strlen(words), NULL, 16), 1, NULL);
	else if (strstr(line, "Machine check events logged"))
		watch_emit(w, EVENT_MACHINE_CHECK, LOG, 0, 0, NULL);
}

/* arch/x86/mm/fault.c, do_sigbus(): the virtual address, which nothing else tells. */
static void emit_fault(struct watch *w, const char *line)
{
	static const char head[] = "MCE: Killing ";
	static const char words[] = " due to hardware memory corruption fault at ";
	const char *at = strstr(line, words);
	json_object *o;

	if (strncmp(line, head, strlen(head)) || !at)
		return;
	line += strlen(head);
	o = named_process(line, (size_t)(at - line));
	if (!o)
		return;
	put_u64(o, "address", strtoull(at + strlen(words), NULL, 16));
	watch_emit(w, EVENT_SIGBUS, LOG, 0, 0, o);
}

void watch_kmsg_line(struct watch *w, const char *line, bool trace)
{
	static const char head[] = "Memory failure: ";

	if (!strncmp(line, head, strlen(head))) {
		line += strlen(head);
		if (strstr(line, ": Sending SIGBUS to "))
			emit_sigbus(w, line);
		else if (!trace)
			emit_action(w, LOG, line);
	} else if (!trace) {
		emit_logged_mce(w, line);
	}
	if (w->tree)
		emit_fault(w, line);
}

/* What fails once is not asked again: poll(2) would say for ever that it is ready. */
static void look_kmsg(struct watch *w, struct source *s)
{
	struct kmsg_record r;
	const char *line;

	if (s->fd < 0)
		return;

	do {
		line = kmsg_next(s->fd, &r);
		if (r.lost)
			watch_emit(w, EVENT_LOST, LOG, 0, 0, NULL);
		if (line)
			watch_kmsg_line(w, line, s->trace);
	} while (line);
	if (!r.err)
		return;
	note("the kernel log cannot be read any more: %s", strerror(-r.err));
	watch_emit(w, EVENT_LOST, LOG, 0, 0, NULL);
	close(s->fd);
	s->fd = -1;
}

int watch_kmsg(struct watch *w, bool trace)
{
	int fd = kmsg_mark();
	struct source *s;

	if (fd < 0) {
		note("the kernel log cannot be read: %s", strerror(-fd));
		return fd;
	}
	s = watch_add(w);
	s->fd = fd;
	s->events = POLLIN;
	s->trace = trace;
	s->look = look_kmsg;
	return 0;
}

static uint64_t hex_behind(const char *line, const char *words)
{
	const char *at = strstr(line, words);

	return at ? strtoull(at + strlen(words), NULL, 16) : 0;
}

/* MISC follows ADDR: behind a slash in Linux 6.1, by its name in 6.9. */
static uint64_t misc_of(const char *line)
{
	const char *at = strstr(line, "ADDR/MISC/SYND: ");

	at = at ? strchr(at + 16, '/') : NULL;
	return at ? strtoull(at + 1, NULL, 16) : hex_behind(line, "MISC: ");
}

static void emit_mce(struct watch *w, const char *line)
{
	const char *bank = strstr(line, ", MC");
	uint64_t status, addr, misc = misc_of(line), len = 0;
	json_object *o = json_object_new_object();
	char text[32], *end;

	addr = hex_behind(line, "ADDR/MISC/SYND: ");
	if (!addr)
		addr = hex_behind(line, "ADDR: ");
	/* the first ", MC" is that of MCGc/s */
	bank = bank ? strstr(bank + 1, ", MC") : NULL;
	if (bank) {
		put_u64(o, "bank", strtoull(bank + 4, &end, 10));
		status = hex_behind(end, ": ");
		snprintf(text, sizeof(text), "%#018" PRIx64, status);
		put_str(o, "status", text);
		if (status & MCI_ADDRV)
			len = status & MCI_MISCV ? 1ULL << MISC_LSB(misc) : 1;
	}
	put_u64(o, "cpu", strtoull(strstr(line, "CPU: ") ?
				   strstr(line, "CPU: ") + 5 : "0", NULL, 10));
	if (len)
		addr -= addr % len;
	watch_emit(w, EVENT_MACHINE_CHECK, TRACE_MCE, addr, len, o);
}

void watch_trace_line(struct watch *w, const char *line)
{
	static const char mf[] = "memory_failure_event: pfn ";
	static const char mce[] = "mce_record: ";
	const char *at;

	if ((at = strstr(line, mf)))
		emit_action(w, TRACE_MF, at + strlen(mf));
	else if ((at = strstr(line, mce)))
		emit_mce(w, at + strlen(mce));
	else if (w->tree && tree_line(w, line))
		return;
	else if (strstr(line, "[LOST "))
		watch_emit(w, EVENT_LOST, "tracefs", 0, 0, NULL);
}

/* trace_pipe gives whole lines as long as they fit. */
static void look_trace(struct watch *w, struct source *s)
{
	char text[16384], *line, *next;
	ssize_t n;

	while ((n = read(s->fd, text, sizeof(text) - 1)) > 0) {
		text[n] = '\0';
		for (line = strtok_r(text, "\n", &next); line;
		     line = strtok_r(NULL, "\n", &next))
			watch_trace_line(w, line);
	}
}

static void end_trace(struct source *s)
{
	close(s->fd);
	rmdir(s->dir);
}

static void remove_orphans(const char *base)
{
	char pattern[256];
	glob_t g;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/instances/" INSTANCE "*", base);
	if (glob(pattern, 0, NULL, &g))
		return;
	for (i = 0; i < g.gl_pathc; i++) {
		const char *pid = strrchr(g.gl_pathv[i], '.') + 1;

		if (kill((pid_t)strtol(pid, NULL, 10), 0) && errno == ESRCH)
			rmdir(g.gl_pathv[i]);
	}
	globfree(&g);
}

static bool put_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text);
}

/* Both or none, so that it is clear what the log has to stand in for. */
static int open_instance(const char *dir, struct family_tree *tree)
{
	char path[512];

	put_file(dir, "buffer_size_kb", tree ? "1024" : "256");
	if (!put_file(dir, "events/ras/memory_failure_event/enable", "1") ||
	    !put_file(dir, "events/mce/mce_record/enable", "1"))
		return -1;
	if (tree)
		tree->known = put_file(dir, "events/signal/signal_generate/filter",
				       TREE_FILTER) &&
			      put_file(dir, "events/signal/signal_generate/enable", "1") &&
			      put_file(dir, "events/sched/sched_process_fork/enable", "1");
	snprintf(path, sizeof(path), "%s/trace_pipe", dir);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

bool watch_trace(struct watch *w)
{
	static const char * const places[] = {
		"/sys/kernel/tracing", "/sys/kernel/debug/tracing",
	};
	struct source *s;
	char base[200], dir[256];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(base, sizeof(base), "%s%s", sysroot, places[i]);
		snprintf(dir, sizeof(dir), "%s/instances/" INSTANCE "%ld", base,
			 (long)getpid());
		remove_orphans(base);
		if (mkdir(dir, 0700))
			continue;
		fd = open_instance(dir, w->tree);
		if (fd < 0) {
			rmdir(dir);
			return false;
		}
		s = watch_add(w);
		copy_name(s->dir, sizeof(s->dir), dir);
		s->fd = fd;
		s->events = POLLIN;
		s->look = look_trace;
		s->end = end_trace;
		return true;
	}
	return false;
}
