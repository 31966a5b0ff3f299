// SPDX-License-Identifier: GPL-2.0
/*
 * What runs inside a child process: it maps the target, waits for the parent,
 * makes the access and reports.
 *
 * State is static because the signal handler needs it; a process is one
 * consumer and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "consumer.h"

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101	/* asm-generic/mman-common.h; glibc hides it */
#endif

#define PAGEMAP_PRESENT	(1ULL << 63)
#define PAGEMAP_PFN	((1ULL << 55) - 1)
#define PART_BYTES	512	/* of a page that a partial write covers */

static const struct child_plan *plan;
static struct child_report rep;
static volatile sig_atomic_t accessing;
static int report_fd;
static int target_fd = -1;
static uint8_t *base;

static void __attribute__((noreturn)) report_and_exit(void)
{
	ssize_t n = write(report_fd, &rep, sizeof(rep));

	_exit(n == sizeof(rep) ? 0 : 1);
}

static void __attribute__((noreturn)) give_up(void)
{
	rep.setup_errno = errno;
	report_and_exit();
}

static struct signal_seen seen(const siginfo_t *si)
{
	return (struct signal_seen){
		.signo = si->si_signo,
		.code = si->si_code,
		.lsb = si->si_addr_lsb,
		.pid = getpid(),
		.addr = (uint64_t)(uintptr_t)si->si_addr,
	};
}

/* Only async-signal-safe calls: write(2), getpid(2), _exit(2). */
static void on_sigbus(int signo, siginfo_t *si, void *context)
{
	(void)signo;
	(void)context;
	if (!accessing) {
		rep.plant = seen(si);
		return;
	}
	rep.access = seen(si);
	report_and_exit();
}

/*
 * The bystander blocks SIGBUS and looks for it when asked: BUS_MCEERR_AO is
 * sent without force, so it stays pending.
 */
static void set_signals(void)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO };
	unsigned long kill = PR_MCE_KILL_DEFAULT;
	sigset_t bus;

	sigemptyset(&bus);
	sigaddset(&bus, SIGBUS);
	if (plan->bystander) {
		sigprocmask(SIG_BLOCK, &bus, NULL);
		kill = plan->policy == POLICY_EARLY ? PR_MCE_KILL_EARLY :
						      PR_MCE_KILL_LATE;
	} else {
		sa.sa_sigaction = on_sigbus;
		if (plan->policy == POLICY_DEFAULT) {
			sa.sa_flags = 0;
			sa.sa_handler = SIG_DFL;
		}
		sigprocmask(SIG_UNBLOCK, &bus, NULL);
		sigaction(SIGBUS, &sa, NULL);
	}
	if (prctl(PR_MCE_KILL, PR_MCE_KILL_SET, kill, 0, 0) && plan->bystander)
		give_up();
}

static bool by_syscall(void)
{
	return plan->access == ACCESS_READ || plan->access == ACCESS_WRITE ||
	       plan->access == ACCESS_WRITE_PART;
}

static void open_target(void)
{
	bool device = !target_by_file(plan->t);
	char node[512];
	int flags = O_RDWR | O_CLOEXEC;

	target_devnode(plan->t, node, sizeof(node));
	if (device && plan->t->ns->mode != NS_DEVDAX)
		flags |= O_DIRECT;
	target_fd = open(node, flags);
	if (target_fd < 0)
		give_up();
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
		give_up();
	a = round_up64((uint64_t)(uintptr_t)p, unit);
	return p + (a - (uint64_t)(uintptr_t)p);
}

static void map_target(void)
{
	uint64_t start = round_down64(plan->dev_off, plan->map_len);
	int flags = MAP_FIXED;

	if (plan->map == MAP_IS_PRIVATE)
		flags |= MAP_PRIVATE;
	else if (plan->sync)
		flags |= MAP_SHARED_VALIDATE | MAP_SYNC;
	else
		flags |= MAP_SHARED;
	base = mmap(aligned_space(plan->map_len), plan->map_len,
		    PROT_READ | PROT_WRITE, flags, target_fd, (off_t)start);
	if (base == MAP_FAILED)
		give_up();
	rep.base = (uint64_t)(uintptr_t)base;
}

static volatile uint64_t *access_address(void)
{
	uint64_t skip = plan->dev_off % plan->map_len;

	return (volatile uint64_t *)(base + round_down64(skip, 8));
}

/* Proof, independent of all arithmetic, of where the byte really lies. */
static void read_pfn(void)
{
	uint64_t va = (uint64_t)(uintptr_t)access_address(), entry;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (pread(fd, &entry, sizeof(entry),
		  (off_t)(va / PAGE * sizeof(entry))) == sizeof(entry) &&
	    entry & PAGEMAP_PRESENT)
		rep.pfn = entry & PAGEMAP_PFN;
	close(fd);
}

static void touch(void)
{
	(void)*access_address();
	read_pfn();
}

static void plant_by_madvise(void)
{
	uint64_t va = (uint64_t)(uintptr_t)access_address();

	if (madvise((void *)(uintptr_t)round_down64(va, PAGE), PAGE,
		    plan->plant_soft ? MADV_SOFT_OFFLINE : MADV_HWPOISON))
		rep.plant_errno = errno;
}

static void compare(const void *got, uint64_t page_off, size_t len)
{
	if (!plan->old)
		return;
	rep.data = memcmp(got, plan->old + page_off, len) ? DATA_OTHER :
							    DATA_OLD;
}

static void do_load(void)
{
	uint64_t v = *access_address();

	compare(&v, round_down64(plan->dev_off % PAGE, 8), sizeof(v));
}

static uint8_t *buffer(size_t size)
{
	uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		give_up();
	return p;
}

/* read(2) from the lead to the end of the page, until it fails. */
static void do_read(void)
{
	uint64_t page = round_down64(plan->dev_off, PAGE);
	uint64_t start = page - plan->lead, want = plan->lead + PAGE;
	uint8_t *buf = buffer(want);

	while (rep.bytes < want) {
		ssize_t n = pread(target_fd, buf + rep.bytes, want - rep.bytes,
				  (off_t)(start + rep.bytes));

		if (n < 0)
			rep.err = errno;
		if (n <= 0)
			break;
		rep.bytes += (uint64_t)n;
	}
	if (rep.bytes == want)
		compare(buf + plan->lead, 0, PAGE);
}

static void do_write(void)
{
	bool part = plan->access == ACCESS_WRITE_PART;
	uint64_t off = round_down64(plan->dev_off, part ? PART_BYTES : PAGE);
	size_t len = part ? PART_BYTES : PAGE;
	uint8_t *buf = buffer(PAGE), *back = buffer(PAGE);
	ssize_t n;

	memset(buf, 0xa5, len);
	n = pwrite(target_fd, buf, len, (off_t)off);
	if (n < 0) {
		rep.err = errno;
		return;
	}
	rep.bytes = (uint64_t)n;
	if (fdatasync(target_fd)) {
		rep.err = errno;
		return;
	}
	n = pread(target_fd, back, len, (off_t)off);
	if (n == (ssize_t)len)
		rep.data = memcmp(buf, back, len) ? DATA_OTHER : DATA_NEW;
}

static void make_access(void)
{
	if (plan->access == ACCESS_NONE)
		return;
	rep.accessed = 1;
	accessing = 1;
	switch (plan->access) {
	case ACCESS_LOAD:
		do_load();
		break;
	case ACCESS_STORE:
		*access_address() = ~*(const uint64_t *)(plan->old +
			round_down64(plan->dev_off % PAGE, 8));
		break;
	case ACCESS_READ:
		do_read();
		break;
	default:
		do_write();
		break;
	}
}

static void wait_go(int go)
{
	char c;

	if (write(report_fd, &rep, sizeof(rep)) != sizeof(rep) ||
	    read(go, &c, 1) != 1)
		_exit(1);
}

static void stand_by(int go)
{
	struct timespec none = { 0 };
	siginfo_t si;
	sigset_t bus;

	sigemptyset(&bus);
	sigaddset(&bus, SIGBUS);
	map_target();
	touch();
	wait_go(go);
	if (sigtimedwait(&bus, &si, &none) == SIGBUS)
		rep.access = seen(&si);
	report_and_exit();
}

void consumer_main(const struct child_plan *p, int go, int report)
{
	struct rlimit no_core = { 0 };
	bool map_first;

	plan = p;
	report_fd = report;
	map_first = !p->unmapped && (!by_syscall() || p->plant_by_madvise);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	set_signals();
	if (!p->unmapped)
		open_target();
	if (p->bystander)
		stand_by(go);
	if (map_first && p->when == WHEN_BEFORE) {
		map_target();
		touch();
	}
	wait_go(go);
	if (map_first && p->when == WHEN_AFTER)
		map_target();
	if (p->plant_by_madvise)
		plant_by_madvise();
	if (p->plant_by)
		rep.plant_errno = -p->plant_by(p->plant_arg);
	make_access();
	report_and_exit();
}
