/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest test of poisoned system RAM: what Linux does about it
 *
 *   [RAS_LOG=FILE] ras FOLDER [fatal | case ID]
 *
 * FOLDER lies on a file system on disk, or one that is not mapped by DAX.  Errors
 * are injected by debugfs apei/einj, as on a server; the tracepoint
 * ras:memory_failure_event is on.  FILE gets the physical address of each, one a
 * line.  Prints TAP.  With "fatal", the cases by which a kernel must die, and no
 * others: the first one that it survives is a failure.  With "case", what one case
 * came to, and no verdict.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "ras.h"

#define EINJ		"/sys/kernel/debug/apei/einj/"
#define MEM_UC		"0x10"
#define SET_UP		99		/* exit status of a case: broken set-up */

const char *ras_folder;

static char *sentence;			/* shared with the case; a page */
static sigjmp_buf back;
static volatile sig_atomic_t guarding;
static volatile sig_atomic_t signals;	/* that came by themselves */
static siginfo_t last;

void say(const char *word, ...)
{
	size_t len = strlen(sentence);
	va_list ap;

	if (len) {
		strcat(sentence, "; ");
		len += 2;
	}
	va_start(ap, word);
	vsnprintf(sentence + len, PAGE - len, word, ap);
	va_end(ap);
}

void broken(const char *what)
{
	sentence[0] = '\0';
	say("%s: %s", what, strerror(errno));
	_exit(SET_UP);
}

/* ---- signals ------------------------------------------------------------- */

static const char *code_name(int code)
{
	switch (code) {
	case BUS_MCEERR_AR: return "BUS_MCEERR_AR";
	case BUS_MCEERR_AO: return "BUS_MCEERR_AO";
	case BUS_ADRERR:    return "BUS_ADRERR";
	default:            return "another SIGBUS";
	}
}

/*
 * kill_proc() names the page's first byte, do_sigbus() (arch/x86/mm/fault.c) that
 * of the access: both lie in the 1 << lsb bytes from there.
 */
static void say_signal(const char *what, const volatile void *page)
{
	bool mce = last.si_code == BUS_MCEERR_AR ||
		   last.si_code == BUS_MCEERR_AO;
	int lsb = mce ? last.si_addr_lsb : 0;
	uintptr_t addr = (uintptr_t)last.si_addr & -(1UL << (mce ? lsb : 12));

	say("%s: %s lsb %d%s", what, code_name(last.si_code), lsb,
	    addr == (uintptr_t)page ? "" : " at another page");
}

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	last = *info;
	if (guarding)
		siglongjmp(back, 1);
	signals++;
}

bool guarded(const char *what, void (*fn)(void *arg), void *arg,
	     const volatile void *page)
{
	if (sigsetjmp(back, 1)) {
		guarding = 0;
		say_signal(what, page);
		return false;
	}
	guarding = 1;
	fn(arg);
	guarding = 0;
	return true;
}

static void load_byte(void *arg)
{
	*(const volatile char *)arg;
}

void say_load(const char *what, const volatile void *p,
	      const volatile void *page)
{
	if (guarded(what, load_byte, (void *)p, page))
		say("%s: %s", what,
		    *(const volatile char *)p == BYTE ? "good" : "wrong data");
}

static bool signal_came(void *unused)
{
	(void)unused;
	return signals;
}

bool any_signal(void)
{
	return signals;
}

void say_signal_of(const volatile void *page)
{
	if (until(signal_came, NULL))
		say_signal("by itself", page);
	else
		say("by itself: no signal");
}

/* ---- what cases need ------------------------------------------------------ */

void say_call(const char *what, long ret)
{
	if (ret < 0)
		say("%s: %s", what, strerrorname_np(errno));
	else
		say("%s: %ld", what, ret);
}

bool until(bool (*holds)(void *arg), void *arg)
{
	time_t end = time(NULL) + SECONDS / 2;
	struct timespec pause = { .tv_nsec = 20000000 };

	while (!holds(arg)) {
		if (time(NULL) > end)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

static void put(const char *file, const char *value)
{
	char path[80];
	size_t len = strlen(value);
	int fd;

	snprintf(path, sizeof(path), EINJ "%s", file);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, value, len) != (ssize_t)len)
		broken(path);
	close(fd);
}

unsigned long ras_pfn(const volatile void *p)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0 || pread(fd, &entry, sizeof(entry),
			    (uintptr_t)p / PAGE * sizeof(entry)) !=
		      sizeof(entry))
		broken("/proc/self/pagemap");
	close(fd);
	return entry >> 63 ? entry & ((1UL << 55) - 1) : 0;
}

static void log_address(const char *address)
{
	const char *path = getenv("RAS_LOG");
	FILE *f = path ? fopen(path, "a") : NULL;

	if (path && (!f || fprintf(f, "%s\n", address) < 0 || fclose(f)))
		broken(path);
}

unsigned long ras_inject(const volatile void *p, bool trigger)
{
	unsigned long pfn = ras_pfn(p);
	char address[24];

	errno = EFAULT;
	if (!pfn)
		broken("the page is not present");
	snprintf(address, sizeof(address), "0x%lx",
		 pfn * PAGE + (uintptr_t)p % PAGE);
	put("error_type", MEM_UC);
	put("flags", "0");
	put("param1", address);
	put("param2", "0xffffffffffffffff");
	put("notrigger", trigger ? "0" : "1");
	put("error_inject", "1");
	log_address(address);
	return pfn;
}

/* Result of memory_failure() for a frame, if it is in the trace already. */
static bool recovery(void *arg)
{
	unsigned long pfn = *(unsigned long *)arg, seen;
	char line[256], *event, *result;
	FILE *f = fopen("/sys/kernel/tracing/trace", "r");
	bool found = false;

	if (!f)
		broken("trace");
	while (!found && fgets(line, sizeof(line), f)) {
		event = strstr(line, "memory_failure_event: pfn ");
		result = strrchr(line, ':');
		if (!event || sscanf(event, "%*s pfn %lx", &seen) != 1 ||
		    seen != pfn)
			continue;
		found = true;
		say("%.*s", (int)strcspn(result + 2, "\n"), result + 2);
	}
	fclose(f);
	return found;
}

void say_recovery(unsigned long pfn)
{
	if (!until(recovery, &pfn))
		say("no end of memory_failure()");
}

int ras_file(void)
{
	char page[PAGE], path[] = "XXXXXX";
	int fd;

	memset(page, BYTE, sizeof(page));
	if (chdir(ras_folder))
		broken(ras_folder);
	fd = mkstemp(path);
	if (fd < 0 || write(fd, page, PAGE) != (ssize_t)PAGE || fsync(fd))
		broken("file");
	unlink(path);
	return fd;
}

char *ras_map(size_t len, int prot, int flags, int fd)
{
	char *p = mmap(NULL, len, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		broken("mmap");
	if (fd < 0)
		memset(p, BYTE, len);
	return p;
}

/* ---- one case after the other ---------------------------------------------- */

static void child(const struct ras_case *c)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO | SA_RESTART };

	sa.sa_sigaction = on_sigbus;
	sigaction(SIGBUS, &sa, NULL);
	alarm(SECONDS);
	c->run();
	_exit(0);
}

/* The sentence is what the case came to. */
static void run_child(const struct ras_case *c)
{
	pid_t pid;
	int status = 0;

	sentence[0] = '\0';
	fflush(stdout);
	pid = fork();
	if (!pid)
		child(c);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		printf("Bail out! %s: %s\n", c->name, strerror(errno));
		exit(SET_UP);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == SET_UP) {
		printf("Bail out! %s: %s\n", c->name, sentence);
		exit(SET_UP);
	}
	if (WIFSIGNALED(status))
		say("dead by signal %d", WTERMSIG(status));
}

static bool run_case(unsigned int n, const struct ras_case *c)
{
	bool ok;

	run_child(c);
	ok = !strcmp(sentence, c->outcome);
	printf("%sok %u - %s: %s\n", ok ? "" : "not ", n, c->name, c->outcome);
	if (!ok)
		printf("# got: %s\n", sentence);
	return ok;
}

static unsigned int count(const struct ras_case *c)
{
	unsigned int n = 0;

	while (c[n].name)
		n++;
	return n;
}

static unsigned int run_all(const struct ras_case *c, unsigned int *n)
{
	unsigned int failed = 0;

	for (; c->name; c++)
		failed += !run_case(++*n, c);
	return failed;
}

static int run_one(const char *id)
{
	const struct ras_case *tables[] = { ras_memory, ras_policies };

	for (unsigned int i = 0; i < 2; i++)
		for (const struct ras_case *c = tables[i]; c->name; c++)
			if (!strcmp(c->id, id)) {
				run_child(c);
				puts(sentence);
				return 0;
			}
	fprintf(stderr, "ras: unknown case '%s'\n", id);
	return 2;
}

int main(int argc, char **argv)
{
	unsigned int n = 0, failed;

	if (argc < 2 || argc > 4 || (argc == 3 && strcmp(argv[2], "fatal")) ||
	    (argc == 4 && strcmp(argv[2], "case"))) {
		fprintf(stderr, "ras: bad arguments: expected "
				"FOLDER [fatal | case ID]\n");
		return 2;
	}
	ras_folder = argv[1];
	sentence = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sentence == MAP_FAILED)
		return SET_UP;
	if (argc == 4)
		return run_one(argv[3]);
	if (argc == 3)
		return run_all(ras_fatal, &n) != 0;
	printf("1..%u\n", count(ras_memory) + count(ras_policies));
	failed = run_all(ras_memory, &n) + run_all(ras_policies, &n);
	return failed != 0;
}
