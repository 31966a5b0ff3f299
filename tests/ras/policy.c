/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest test of poisoned system RAM: who is told, and soft offlining
 *
 * The outcomes are those of Linux 6.1, mm/memory-failure.c: task_early_kill() and
 * find_early_kill_thread() choose who gets BUS_MCEERR_AO for a page that nobody
 * has consumed, soft_offline_in_use_page() moves pages.
 */
#include <fcntl.h>
#include <linux/mman.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ras.h"

#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static void policy(int policy)
{
	if (prctl(PR_MCE_KILL, PR_MCE_KILL_SET, policy, 0, 0))
		broken("PR_MCE_KILL");
}

static void early_kill(const char *value)
{
	int fd = open("/proc/sys/vm/memory_failure_early_kill", O_WRONLY);

	if (fd < 0 || write(fd, value, 1) != 1)
		broken("vm.memory_failure_early_kill");
	close(fd);
}

/* The platform's scrub finds poison in a page of this process. */
static void scrubbed(void)
{
	char *p = ras_map(2 * PAGE, RW, ANON, -1);

	say_recovery(ras_inject(p + BAD, true));
	if (any_signal())
		say_signal_of(p);
	else
		say("no signal");
	say_load("load", p + BAD, p);
	say_load("next page", p + PAGE, p + PAGE);
}

static void scrub_early(void)
{
	policy(PR_MCE_KILL_EARLY);
	scrubbed();
}

static void scrub_late(void)
{
	early_kill("1");
	policy(PR_MCE_KILL_LATE);
	scrubbed();
	early_kill("0");
}

static void scrub_default(void)
{
	policy(PR_MCE_KILL_DEFAULT);
	scrubbed();
}

static void scrub_default_early(void)
{
	early_kill("1");
	policy(PR_MCE_KILL_DEFAULT);
	scrubbed();
	early_kill("0");
}

/* Another process maps the page that this one consumes. */
static void bystander(int its_policy)
{
	char *p = ras_map(PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	int ready[2], go[2];
	unsigned long pfn;
	char c;
	pid_t pid;

	if (pipe(ready) || pipe(go))
		broken("pipe");
	pid = fork();
	if (!pid) {
		policy(its_policy);
		c = *(volatile char *)p;
		if (write(ready[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(1);
		if (any_signal())
			say_signal_of(p);
		else
			say("bystander: no signal");
		say_load("its load", p + BAD, p);
		_exit(0);
	}
	if (read(ready[0], &c, 1) != 1)
		broken("bystander");
	pfn = ras_inject(p + BAD, false);
	say_load("load", p + BAD, p);
	say_recovery(pfn);
	if (write(go[1], &c, 1) != 1 || waitpid(pid, NULL, 0) != pid)
		broken("bystander");
}

static void bystander_early(void)
{
	bystander(PR_MCE_KILL_EARLY);
}

static void bystander_late(void)
{
	bystander(PR_MCE_KILL_LATE);
}

static void offline(char *page, size_t len)
{
	unsigned long pfn = ras_pfn(page);

	say_call("madvise", madvise(page, len, MADV_SOFT_OFFLINE));
	say_load("load", page + BAD, page);
	say("%s frame", ras_pfn(page) == pfn ? "same" : "another");
	say("%s", any_signal() ? "a signal" : "no signal");
}

static void offline_anonymous(void)
{
	offline(ras_map(PAGE, RW, ANON, -1), PAGE);
}

static void offline_locked(void)
{
	offline(ras_map(PAGE, RW, ANON | MAP_LOCKED, -1), PAGE);
}

static void offline_file(void)
{
	int fd = ras_file();
	char *p = ras_map(PAGE, RW, MAP_SHARED, fd);

	p[0] = BYTE + 1;
	offline(p, PAGE);
	say("%s", p[0] == BYTE + 1 ? "nothing lost" : "data lost");
	say_call("fsync", fsync(fd));
}

static void offline_hugetlb(void)
{
	offline(ras_map(PMD, RW, ANON | MAP_HUGETLB, -1), PMD);
}

#define LATE	"Recovered; no signal; load: BUS_MCEERR_AR lsb 12; " \
		"next page: good"
#define EARLY	"Recovered; by itself: BUS_MCEERR_AO lsb 12; " \
		"load: BUS_MCEERR_AR lsb 12; next page: good"
#define MOVED	"madvise: 0; load: good; another frame; no signal"

const struct ras_case ras_policies[] = {
	{ "scrub-early", "found by a scrub, PR_MCE_KILL_EARLY", scrub_early, EARLY },
	{ "scrub-late", "found by a scrub, PR_MCE_KILL_LATE, early by sysctl", scrub_late,
		LATE },
	{ "scrub-default", "found by a scrub, default policy", scrub_default, LATE },
	{ "scrub-sysctl", "found by a scrub, default policy, early by sysctl",
		scrub_default_early, EARLY },
	{ "bystander-early", "consumed by another process, PR_MCE_KILL_EARLY", bystander_early,
		"load: BUS_MCEERR_AR lsb 12; Recovered; "
		"by itself: BUS_MCEERR_AO lsb 12; its load: BUS_MCEERR_AR lsb 12" },
	{ "bystander-late", "consumed by another process, PR_MCE_KILL_LATE", bystander_late,
		"load: BUS_MCEERR_AR lsb 12; Recovered; "
		"bystander: no signal; its load: BUS_MCEERR_AR lsb 12" },
	{ "offline-anonymous", "soft offline, anonymous page", offline_anonymous, MOVED },
	{ "offline-mlocked", "soft offline, mlocked page", offline_locked, MOVED },
	{ "offline-file", "soft offline, dirty page of a file", offline_file,
		MOVED "; nothing lost; fsync: 0" },
	{ "offline-hugetlb", "soft offline, hugetlb page", offline_hugetlb, MOVED },
	{ 0 }
};
