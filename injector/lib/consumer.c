// SPDX-License-Identifier: GPL-2.0
/*
 * What runs inside a child process: it maps the target, waits for the parent,
 * makes the access and reports.
 *
 * The access is made by the last of its threads, if it has more than one, or by
 * a child that is forked just before.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "access.h"
#include "consumer.h"

#define PAGEMAP_PRESENT	(1ULL << 63)
#define PAGEMAP_PFN	((1ULL << 55) - 1)
#define GIB_SHIFT	30

struct consumer self = { .fd = -1, .sink = -1, .source = -1 };

static int start_pipe[2];	/* from the main thread to the actor */

static void __attribute__((noreturn)) report_and_exit(void)
{
	ssize_t n = write(self.report_fd, &self.rep, sizeof(self.rep));

	child_exit(n == sizeof(self.rep) ? 0 : 1);
}

void consumer_give_up(void)
{
	self.rep.setup_errno = errno;
	report_and_exit();
}

static struct signal_seen seen(const siginfo_t *si)
{
	pid_t tid = gettid();

	return (struct signal_seen){
		.signo = si->si_signo,
		.code = si->si_code,
		.lsb = si->si_addr_lsb,
		.pid = getpid(),
		.tid = tid,
		.thread = tid == self.actor ? WHO_ACCESSOR :
			  tid == getpid() ? WHO_MAIN : WHO_OTHER,
		.addr = (uint64_t)(uintptr_t)si->si_addr,
	};
}

/*
 * Only async-signal-safe calls.  After a load or store there is no way back;
 * a signal on the way out of a system call leaves its result to be reported.
 */
static void on_sigbus(int signo, siginfo_t *si, void *context)
{
	const ucontext_t *uc = context;

	(void)signo;
	if (self.touching) {
		/* the poison was there before: to go back would be to come again */
		self.rep.setup_errno = EHWPOISON;
		report_and_exit();
	}
	if (!self.accessing) {
		self.rep.plant = seen(si);
		return;
	}
	self.rep.access = seen(si);
	if (access_calls(self.plan->access))
		return;
	if (self.plan->access == ACCESS_COPY)
		self.rep.bytes = PAGE -
			(uint64_t)uc->uc_mcontext.gregs[REG_RCX];
	report_and_exit();
}

static unsigned long kill_policy(void)
{
	switch (self.plan->policy) {
	case POLICY_EARLY:
		return PR_MCE_KILL_EARLY;
	case POLICY_LATE:
		return PR_MCE_KILL_LATE;
	default:
		return PR_MCE_KILL_DEFAULT;
	}
}

/*
 * The bystander blocks SIGBUS and looks for it when asked: BUS_MCEERR_AO is
 * sent without force, so it stays pending.
 */
static void set_signals(void)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO | SA_RESTART };
	sigset_t bus;

	sigemptyset(&bus);
	sigaddset(&bus, SIGBUS);
	if (self.plan->bystander) {
		sigprocmask(SIG_BLOCK, &bus, NULL);
	} else {
		sa.sa_sigaction = on_sigbus;
		if (self.plan->policy == POLICY_DEFAULT ||
		    self.plan->policy == POLICY_IGNORE) {
			sa.sa_flags = 0;
			sa.sa_handler = self.plan->policy == POLICY_IGNORE ?
					SIG_IGN : SIG_DFL;
		}
		sigprocmask(SIG_UNBLOCK, &bus, NULL);
		sigaction(SIGBUS, &sa, NULL);
	}
	if (prctl(PR_MCE_KILL, PR_MCE_KILL_SET, kill_policy(), 0, 0))
		consumer_give_up();
}

/* A mount that is read-only, a file that is immutable or not ours to write. */
static bool refuses_writing(int err)
{
	return err == EROFS || err == EPERM || err == EACCES;
}

/* Does the plan write to the file?  A private copy is memory of our own. */
static bool writes(void)
{
	switch (self.plan->access) {
	case ACCESS_STORE:
	case ACCESS_ATOMIC:
		return self.plan->map == MAP_IS_SHARED;
	case ACCESS_WRITE:
	case ACCESS_WRITE_PART:
	case ACCESS_WRITE_DIRECT:
	case ACCESS_MSYNC:
	case ACCESS_FSYNC:
		return true;
	default:
		return self.plan->dirty;
	}
}

static void open_target(void)
{
	char node[512];
	int flags = O_RDWR;

	target_devnode(self.plan->t, node, sizeof(node));
	if (self.plan->access == ACCESS_READ_DIRECT ||
	    self.plan->access == ACCESS_WRITE_DIRECT)
		flags |= O_DIRECT;
	self.fd = machine->open(node, flags);
	if (self.fd < 0 && refuses_writing(-self.fd) && !writes()) {
		self.read_only = true;
		self.fd = machine->open(node, (flags & ~O_ACCMODE) | O_RDONLY);
	}
	if (self.fd < 0) {
		errno = -self.fd;
		consumer_give_up();
	}
}

/*
 * An address aligned to the mapping's unit, which a 2 MiB entry needs: take
 * twice as much address space, then map over the aligned part of it.
 */
static uint8_t *aligned_space(uint64_t unit)
{
	uint8_t *p = mmap(NULL, 2 * unit, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t a;

	if (p == MAP_FAILED)
		consumer_give_up();
	a = round_up64((uint64_t)(uintptr_t)p, unit);
	return p + (a - (uint64_t)(uintptr_t)p);
}

static void map_target(void)
{
	const struct child_plan *plan = self.plan;
	uint64_t start = round_down64(plan->dev_off, plan->map_len);
	int prot = PROT_READ | PROT_WRITE, flags = MAP_FIXED;

	if (self.read_only && plan->map == MAP_IS_SHARED)
		prot = PROT_READ;
	if (plan->map != MAP_IS_SHARED)
		flags |= MAP_PRIVATE;
	else if (plan->sync)
		flags |= MAP_SHARED_VALIDATE | MAP_SYNC;
	else
		flags |= MAP_SHARED;
	if (plan->access == ACCESS_EXEC)
		prot |= PROT_EXEC;
	self.base = machine->mmap(aligned_space(plan->map_len), plan->map_len, prot,
				  flags, self.fd, start);
	if (self.base == MAP_FAILED)
		consumer_give_up();
	self.rep.base = (uint64_t)(uintptr_t)self.base;
}

volatile uint64_t *consumer_word(void)
{
	uint64_t skip = self.plan->dev_off % self.plan->map_len;

	return (volatile uint64_t *)(self.base + round_down64(skip, 8));
}

/* Proof, independent of all arithmetic, of where the byte really lies. */
static void read_pfn(void)
{
	uint64_t va = (uint64_t)(uintptr_t)consumer_word(), entry;
	int fd = machine->open_file("/proc/self/pagemap", 0);

	if (fd < 0)
		return;
	if (pread(fd, &entry, sizeof(entry),
		  (off_t)(va / PAGE * sizeof(entry))) == sizeof(entry) &&
	    entry & PAGEMAP_PRESENT)
		self.rep.pfn = entry & PAGEMAP_PFN;
	close(fd);
}

static long faults(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ru.ru_minflt + ru.ru_majflt;
}

static void touch_word(void)
{
	volatile uint64_t *word = consumer_word();
	uint64_t v;

	if (self.plan->dirty) {
		memcpy(&v, self.plan->old +
		       round_down64(self.plan->dev_off % PAGE, 8), sizeof(v));
		*word = v;
		return;
	}
	v = *word;
	if (self.plan->map == MAP_IS_COPIED)
		*word = ~v;
}

/*
 * What size is the page table entry?  /proc/PID/smaps knows no huge entries of
 * DAX, but their faults can be counted: two pages far apart (farther than any
 * core maps around a fault) come with one fault only if one entry maps both.
 *
 * A look at pagemap takes an entry of 1 GiB away: walk_pud_range() splits it,
 * which is to clear it.  memory_failure() would find a page that nobody maps.
 */
static void touch(void)
{
	uint64_t len = self.plan->map_len;
	uint64_t skip = self.plan->dev_off % len;
	volatile uint8_t *far = self.base + (skip < len / 2 ? len - PAGE : 0);
	long before, after;

	self.touching = true;
	faults();
	before = faults();
	touch_word();
	if (len > PAGE)
		(void)*far;
	after = faults();
	self.touching = false;
	if (len > PAGE && after - before == 1)
		self.rep.map_shift = 63 - __builtin_clzll(len);
	else
		self.rep.map_shift = 12;
	if (self.plan->map == MAP_IS_COPIED)
		return;
	read_pfn();
	if (self.rep.map_shift != GIB_SHIFT)
		return;
	self.touching = true;
	touch_word();
	self.touching = false;
}

/*
 * The file may have moved since it was resolved: what is mapped now is what the
 * planting hits.  A frame that cannot be seen, or only by splitting an entry of
 * 1 GiB, was compared by who asked for the plan.
 */
static void check_frame(void)
{
	if (!self.plan->pfn || !self.rep.pfn)
		return;
	if (self.rep.map_shift != GIB_SHIFT)
		read_pfn();
	if (self.rep.pfn == self.plan->pfn)
		return;
	errno = ESTALE;
	consumer_give_up();
}

static void plant_by_madvise(void)
{
	uint64_t va = (uint64_t)(uintptr_t)consumer_word();

	self.rep.plant_errno = -machine->poison((void *)(uintptr_t)round_down64(va, PAGE),
						self.plan->plant_soft);
}

/* A child makes the access; what ends it is told by its parent. */
static void access_in_child(void)
{
	int status;
	pid_t pid = machine->fork(), got;

	if (pid < 0) {
		self.rep.fork_errno = -pid;
		report_and_exit();
	}
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		self.actor = gettid();
		access_make();
		report_and_exit();
	}
	do {
		got = machine->wait(pid, &status, 0);
	} while (got == -EINTR);
	if (got < 0) {
		self.rep.fork_errno = -got;
		report_and_exit();
	}
	if (!WIFSIGNALED(status))
		child_exit(0);
	self.rep.ended = WTERMSIG(status);
	report_and_exit();
}

static bool maps_page(const struct child_plan *p)
{
	return !p->unmapped && (p->bystander || p->plant_by_madvise ||
				access_maps(p->access));
}

static void __attribute__((noreturn)) act(void)
{
	self.actor = gettid();
	if (self.plan->when == WHEN_AFTER && maps_page(self.plan))
		map_target();
	if (self.plan->plant_by_madvise || self.plan->plant_by)
		check_frame();
	if (self.plan->plant_by_madvise)
		plant_by_madvise();
	if (self.plan->plant_by)
		self.rep.plant_errno = -self.plan->plant_by(self.plan->plant_arg);
	if (self.plan->forked)
		access_in_child();
	access_make();
	report_and_exit();
}

static void *thread_main(void *arg)
{
	char c;

	if (!arg)
		for (;;)
			pause();
	while (read(start_pipe[0], &c, 1) != 1)
		;
	act();
}

/* All threads but the first; the last of them is to act. */
static void start_threads(void)
{
	pthread_t id;
	int i;

	if (pipe2(start_pipe, O_CLOEXEC))
		consumer_give_up();
	for (i = 1; i < self.plan->threads; i++) {
		bool last = i == self.plan->threads - 1;

		errno = pthread_create(&id, NULL, thread_main,
				       last ? start_pipe : NULL);
		if (errno)
			consumer_give_up();
	}
}

static void wait_go(int go)
{
	char c;

	if (write(self.report_fd, &self.rep, sizeof(self.rep)) !=
	    sizeof(self.rep) || read(go, &c, 1) != 1)
		child_exit(1);
}

static void __attribute__((noreturn)) stand_by(int go)
{
	struct timespec none = { 0 };
	siginfo_t si;
	sigset_t bus;

	sigemptyset(&bus);
	sigaddset(&bus, SIGBUS);
	wait_go(go);
	if (sigtimedwait(&bus, &si, &none) == SIGBUS)
		self.rep.access = seen(&si);
	report_and_exit();
}

void consumer_main(const struct child_plan *p, int go, int report)
{
	struct rlimit no_core = { 0 };

	self.plan = p;
	self.report_fd = report;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	set_signals();
	if (!p->unmapped)
		open_target();
	if (!p->bystander)
		access_prepare();
	if (maps_page(p) && (p->bystander || p->when == WHEN_BEFORE)) {
		map_target();
		touch();
	}
	if (p->threads > 1)
		start_threads();
	if (p->bystander)
		stand_by(go);
	wait_go(go);
	if (p->threads < 2)
		act();
	if (write(start_pipe[1], "g", 1) != 1)
		child_exit(1);
	for (;;)
		pause();
}
