// SPDX-License-Identifier: GPL-2.0
/* This machine and this process: what the mechanisms depend on. */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "platform.h"
#include "util.h"

#define IA32_MCG_CAP	0x179	/* SDM vol. 4 */
#define MCG_SER_P	24	/* bit: software error recovery */

bool machine_is_admin(void)
{
	static const char field[] = "\nCapEff:";
	char *text = read_whole("/proc/self/status"), *at;
	bool admin = true;

	at = text ? strstr(text, field) : NULL;
	if (at)
		admin = strtoull(at + strlen(field), NULL, 16) >> CAP_SYS_ADMIN & 1;
	free(text);
	return admin;
}

/*
 * Addresses, the firmware and the page flags are for CAP_SYS_ADMIN, and the files
 * that lead there for root.
 */
int machine_check_admin(const char *verb)
{
	if (machine_is_admin())
		return EXIT_OK;
	return complain(EXIT_SETUP,
		"'%s' needs CAP_SYS_ADMIN: run it as root", verb);
}

bool machine_has_debugfs(void)
{
	char *text = read_whole("/proc/mounts");
	bool there = text && strstr(text, " " DEBUGFS " debugfs ");

	free(text);
	return there;
}

int machine_panics(void)
{
	char text[16];
	int rc = read_text(text, sizeof(text), "/proc/sys/vm/memory_failure_recovery");

	if (rc < 0)
		return is_absent(rc) ? 0 : rc;
	return text[0] == '0';
}

bool machine_cpu_vendor(char *buf, size_t size)
{
	char *text = read_whole("/proc/cpuinfo"), *at;

	at = text ? strstr(text, "vendor_id") : NULL;
	at = at ? strchr(at, ':') : NULL;
	if (at) {
		*strchrnul(at, '\n') = '\0';
		copy_name(buf, size, at + 1 + strspn(at + 1, " "));
	}
	free(text);
	return at;
}

enum avail machine_recovery(uint64_t *cap)
{
	int fd = machine->open_file("/dev/cpu/0/msr", 0);
	ssize_t n;

	*cap = 0;
	if (fd < 0)
		return AVAIL_HIDDEN;
	n = pread(fd, cap, sizeof(*cap), IA32_MCG_CAP);
	close(fd);
	if (n != sizeof(*cap))
		return AVAIL_HIDDEN;
	return *cap >> MCG_SER_P & 1 ? AVAIL_YES : AVAIL_NO;
}
