// SPDX-License-Identifier: GPL-2.0
/* The accesses that a consumer makes, in its own process. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "access.h"
#include "consumer.h"

#define PART_BYTES	512	/* of a page that a partial write covers */
#define FILL		0xa5

const uint8_t access_code[ACCESS_CODE_LEN] = {
	0xb8, 0xde, 0xc0, 0xfe, 0x5a, 0xc3
};

static uint8_t *buffer(size_t size)
{
	uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		consumer_give_up();
	return p;
}

static int unnamed_file(void)
{
	int fd = machine->scratch(self.plan->t->name, PAGE);

	if (fd < 0) {
		errno = -fd;
		consumer_give_up();
	}
	return fd;
}

void access_prepare(void)
{
	int ends[2];

	self.sink = self.source = -1;
	if (self.plan->access == ACCESS_DIRECT_FROM) {
		self.sink = unnamed_file();
	} else if (self.plan->access == ACCESS_WRITE_FROM) {
		if (pipe2(ends, O_CLOEXEC))
			consumer_give_up();
		self.source = ends[0];
		self.sink = ends[1];
	}
}

static bool is_zero(const uint8_t *p, size_t len)
{
	while (len && !*p) {
		p++;
		len--;
	}
	return !len;
}

/*
 * What the mapping should show: the page before the poison, with the consumer's
 * own store in it if @stored.
 */
static void wanted_page(uint8_t *page, bool stored)
{
	size_t at = round_down64(self.plan->dev_off % PAGE, 8);
	size_t i;

	memcpy(page, self.plan->old, PAGE);
	for (i = at; stored && i < at + 8; i++)
		page[i] = (uint8_t)~page[i];
}

static void compare(const uint8_t *got, uint64_t page_off, size_t len)
{
	bool copied = self.plan->map == MAP_IS_COPIED;
	uint8_t want[PAGE];

	if (!self.plan->old)
		return;
	wanted_page(want, copied);
	if (!memcmp(got, want + page_off, len))
		self.rep.data = copied ? DATA_NEW : DATA_OLD;
	else
		self.rep.data = is_zero(got, len) ? DATA_ZERO : DATA_OTHER;
}

static void compare_word(uint64_t v)
{
	compare((const uint8_t *)&v, round_down64(self.plan->dev_off % PAGE, 8),
		sizeof(v));
}

static uint8_t *mapped_page(void)
{
	return (uint8_t *)(uintptr_t)round_down64(
		(uint64_t)(uintptr_t)consumer_word(), PAGE);
}

static void do_load(void)
{
	compare_word(*consumer_word());
}

static void do_atomic(void)
{
	uint64_t v = 0;

	asm volatile("lock xaddq %0, %1"
		     : "+r" (v), "+m" (*consumer_word()) : : "memory", "cc");
	compare_word(v);
}

static void do_exec(void)
{
	unsigned int (*code)(void) =
		(unsigned int (*)(void))(uintptr_t)consumer_word();

	self.rep.data = code() == ACCESS_CODE_VALUE ? DATA_OLD : DATA_OTHER;
}

/* The handler takes the bytes that were moved from the count register. */
static void do_copy(void)
{
	uint8_t *to = buffer(PAGE), *dst = to;
	const uint8_t *src = mapped_page();
	uint64_t count = PAGE;

	asm volatile("rep movsb"
		     : "+D" (dst), "+S" (src), "+c" (count) : : "memory");
	self.rep.bytes = PAGE - count;
	compare(to, 0, PAGE);
}

/*
 * A shared page is not looked at afterwards: that would consume the poison.  A
 * private one is a copy now; was it made of the data, or of nothing?
 */
static void do_store(void)
{
	size_t at = round_down64(self.plan->dev_off % PAGE, 8);
	uint8_t want[PAGE], *page = mapped_page();
	uint64_t v;

	memcpy(&v, self.plan->old + at, sizeof(v));
	*consumer_word() = ~v;
	if (self.plan->map == MAP_IS_SHARED)
		return;
	wanted_page(want, true);
	if (!memcmp(page, want, PAGE))
		self.rep.data = DATA_NEW;
	else if (is_zero(page, at) && is_zero(page + at + 8, PAGE - at - 8))
		self.rep.data = DATA_ZERO;
	else
		self.rep.data = DATA_OTHER;
}

/* Clean pages of a device are dropped, so that the media is asked. */
static void forget_cache(void)
{
	if (!target_by_file(self.plan->t))
		posix_fadvise(self.fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* read(2) from the lead to the end of the page, until it fails. */
static void do_read(void)
{
	uint64_t page = round_down64(self.plan->dev_off, PAGE);
	uint64_t start = page - self.plan->lead;
	uint64_t want = self.plan->lead + PAGE;
	uint8_t *buf = buffer(want);

	forget_cache();
	while (self.rep.bytes < want) {
		ssize_t n = machine->read(self.fd, buf + self.rep.bytes,
					  want - self.rep.bytes,
					  start + self.rep.bytes);

		if (n < 0)
			self.rep.err = (int)-n;
		if (n <= 0)
			break;
		self.rep.bytes += (uint64_t)n;
	}
	if (self.rep.bytes == want)
		compare(buf + self.plan->lead, 0, PAGE);
}

static void do_write(void)
{
	bool part = self.plan->access == ACCESS_WRITE_PART;
	uint64_t off = round_down64(self.plan->dev_off,
				    part ? PART_BYTES : PAGE);
	size_t len = part ? PART_BYTES : PAGE;
	uint8_t *buf = buffer(PAGE), *back = buffer(PAGE);
	ssize_t n;

	forget_cache();
	memset(buf, FILL, len);
	n = machine->write(self.fd, buf, len, off);
	if (n < 0) {
		self.rep.err = (int)-n;
		return;
	}
	self.rep.bytes = (uint64_t)n;
	/* DAX has written through; the rest of the file is none of ours */
	if (!target_by_file(self.plan->t))
		self.rep.err = -machine->sync(self.fd);
	if (self.rep.err)
		return;
	forget_cache();
	n = machine->read(self.fd, back, len, off);
	if (n == (ssize_t)len)
		self.rep.data = memcmp(buf, back, len) ? DATA_OTHER : DATA_NEW;
}

/* One call: the kernel copies from the mapped page. */
static void do_write_from(void)
{
	uint8_t *back = buffer(PAGE);
	bool piped = self.source >= 0;
	ssize_t n;

	if (piped) {
		n = write(self.sink, mapped_page(), PAGE);
		n = n < 0 ? -errno : n;
	} else {
		n = machine->write(self.sink, mapped_page(), PAGE, 0);
	}
	if (n < 0) {
		self.rep.err = (int)-n;
		return;
	}
	self.rep.bytes = (uint64_t)n;
	if (piped)
		n = read(self.source, back, PAGE);
	else
		n = machine->read(self.sink, back, PAGE, 0);
	if (self.rep.bytes == PAGE && n == (ssize_t)PAGE)
		compare(back, 0, PAGE);
}

static void do_sync(void)
{
	if (self.plan->access == ACCESS_FSYNC)
		self.rep.err = -machine->sync(self.fd);
	else
		self.rep.err = -machine->msync(self.base, self.plan->map_len);
}

void access_make(void)
{
	static void (* const how[])(void) = {
		[ACCESS_LOAD] = do_load,
		[ACCESS_COPY] = do_copy,
		[ACCESS_ATOMIC] = do_atomic,
		[ACCESS_EXEC] = do_exec,
		[ACCESS_STORE] = do_store,
		[ACCESS_READ] = do_read,
		[ACCESS_READ_DIRECT] = do_read,
		[ACCESS_WRITE] = do_write,
		[ACCESS_WRITE_DIRECT] = do_write,
		[ACCESS_WRITE_PART] = do_write,
		[ACCESS_WRITE_FROM] = do_write_from,
		[ACCESS_DIRECT_FROM] = do_write_from,
		[ACCESS_MSYNC] = do_sync,
		[ACCESS_FSYNC] = do_sync,
	};

	if (self.plan->access == ACCESS_NONE)
		return;
	self.rep.accessed = 1;
	self.accessing = 1;
	how[self.plan->access]();
}
