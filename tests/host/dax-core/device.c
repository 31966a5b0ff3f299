// SPDX-License-Identifier: GPL-2.0
/*
 * The device and its driver, as drivers/nvdimm/pmem.c answers; and the caller's
 * memory of read(2) and write(2).
 *
 * Latent poison is a page that this process cannot access: a copy that does not ask
 * first ends the program.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "case.h"

char shim_media[SHIM_PAGES][PAGE_SIZE] __attribute__((aligned(1UL << 21)));
char shim_durable[SHIM_PAGES][PAGE_SIZE];

struct shim_driver shim_driver;
static bool bad[SHIM_PAGES], absent[SHIM_PAGES];
static __thread int reading, no_faults;

void bad_block(unsigned long pfn)
{
	bad[pfn] = true;
}

bool is_bad_block(unsigned long pfn)
{
	return bad[pfn];
}

void latent(unsigned long pfn)
{
	absent[pfn] = true;
	mprotect(shim_media[pfn], PAGE_SIZE, PROT_NONE);
}

bool is_latent(unsigned long pfn)
{
	return absent[pfn];
}

void clear_mce_nospec(unsigned long pfn)
{
	WRITE_ONCE(shim_pages[pfn].absent, 0);
	if (!absent[pfn])
		return;
	absent[pfn] = false;
	mprotect(shim_media[pfn], PAGE_SIZE, PROT_READ | PROT_WRITE);
}

void new_device(void)
{
	unsigned long pfn;

	for (pfn = 0; pfn < SHIM_PAGES; pfn++) {
		clear_mce_nospec(pfn);
		bad[pfn] = false;
	}
	memset(shim_pages, 0, sizeof(shim_pages));
	for (pfn = 0; pfn < SHIM_PAGES; pfn++)
		shim_pages[pfn]._refcount.counter = 1;
	memset(&shim_driver, 0, sizeof(shim_driver));
}

int dax_read_lock(void)
{
	return reading++;
}

void dax_read_unlock(int id)
{
	if (id != --reading)
		sched_fail("dax_read_unlock() of another lock");
}

long dax_direct_access(struct dax_device *dax_dev, pgoff_t pgoff, long nr,
		enum dax_access_mode mode, void **kaddr, pfn_t *pfn)
{
	long i;

	if (!reading)
		sched_fail("an address without dax_read_lock()");
	shim_driver.asked_kaddr = kaddr;
	shim_driver.asked_pfn = pfn;
	shim_driver.asked++;
	sched_point();
	if (shim_driver.gone)
		return -ENXIO;
	if (shim_driver.lost)
		return -EIO;
	if (pgoff >= SHIM_PAGES)
		return -ERANGE;
	for (i = 0; i < nr; i++)
		if (pgoff + i == SHIM_PAGES || (i && pgoff + i == shim_driver.gap))
			break;
	nr = i;
	for (i = 0; i < nr && !bad[pgoff + i]; i++)
		;
	if (i < nr && mode != DAX_RECOVERY_WRITE)
		return -SHIM_EPOISON;
	if (i < nr && !shim_driver.whole)
		nr = i ? i : 1;
	if (kaddr)
		*kaddr = shim_media[pgoff];
	if (pfn)
		pfn->val = pgoff | (shim_driver.pageless ? 0 : PFN_FLAGS);
	return nr;
}

static unsigned long pfn_of(const void *kaddr)
{
	return ((const char *)kaddr - shim_media[0]) >> PAGE_SHIFT;
}

void dax_flush(struct dax_device *dax_dev, void *addr, size_t size)
{
	unsigned long pfn, offset = offset_in_page(addr);

	if (pfn_of(addr) >= SHIM_PAGES)
		sched_fail("a flush of what is not the device's");
	for (pfn = pfn_of(addr); pfn <= pfn_of((char *)addr + size - 1); pfn++)
		if (PageHWPoison(&shim_pages[pfn]))
			sched_fail("poison is flushed");
	sched_point();
	__atomic_add_fetch(&shim_calls.flushed, size, __ATOMIC_RELAXED);
	memcpy(shim_durable[pfn_of(addr)] + offset, addr, size);
}

int dax_zero_page_range(struct dax_device *dax_dev, pgoff_t pgoff, size_t nr)
{
	shim_driver.zeroed += nr;
	for (; nr; nr--, pgoff++) {
		if (shim_driver.broken)
			return -EIO;
		bad[pgoff] = false;
		memset(shim_media[pgoff], 0, PAGE_SIZE);
		memset(shim_durable[pgoff], 0, PAGE_SIZE);
	}
	return 0;
}

/* Bytes of @len from @from on that can be loaded. */
static size_t loadable(const void *from, size_t len)
{
	size_t n = 0;

	while (n < len) {
		unsigned long pfn = pfn_of((const char *)from + n);

		if (pfn < SHIM_PAGES && absent[pfn]) {
			shim_driver.consumed++;
			break;
		}
		n += PAGE_SIZE - offset_in_page((const char *)from + n);
	}
	return min(n, len);
}

unsigned long copy_mc_to_kernel(void *to, const void *from, size_t len)
{
	size_t n = loadable(from, len);

	sched_point();
	memcpy(to, from, n);
	return len - n;
}

/* --- the caller's memory --- */
void pagefault_disable(void)
{
	no_faults++;
}

void pagefault_enable(void)
{
	no_faults--;
}

/* How many bytes can be moved, and where. */
static size_t caller(struct iov_iter *iter, size_t bytes, char **at)
{
	size_t limit = no_faults ? min(iter->present, iter->good) : iter->good;

	bytes = min(bytes, iter->count);
	bytes = limit > iter->done ? min(bytes, limit - iter->done) : 0;
	if (iter->pipe && pipe_full(iter->pipe->head, iter->pipe->tail,
				    iter->pipe->max_usage))
		bytes = 0;
	if (!no_faults)
		iter->present = max(iter->present, iter->done + bytes);
	*at = iter->base + iter->done;
	iter->done += bytes;
	iter->count -= bytes;
	return bytes;
}

void iov_iter_kvec(struct iov_iter *iter, int direction, const struct kvec *vec,
		unsigned long nr, size_t count)
{
	*iter = (struct iov_iter){
		.direction	= direction,
		.base		= vec->iov_base,
		.count		= count,
		.good		= count,
		.present	= count,
	};
}

void iov_iter_revert(struct iov_iter *iter, size_t bytes)
{
	if (bytes > iter->done)
		sched_fail("an iterator is put back to before its start");
	iter->done -= bytes;
	iter->count += bytes;
}

size_t iov_iter_zero(size_t bytes, struct iov_iter *to)
{
	char *at;

	bytes = caller(to, bytes, &at);
	memset(at, 0, bytes);
	return bytes;
}

size_t copy_from_iter(void *to, size_t bytes, struct iov_iter *from)
{
	char *at;

	bytes = caller(from, bytes, &at);
	memcpy(to, at, bytes);
	return bytes;
}

size_t fault_in_iov_iter_readable(struct iov_iter *from, size_t bytes)
{
	size_t wanted = from->done + min(bytes, from->count);

	might_sleep();
	if (!shim_driver.evicts)
		from->present = max(from->present, min(wanted, from->good));
	return wanted > from->good ? wanted - from->good : 0;
}

size_t fault_in_iov_iter_writeable(const struct iov_iter *to, size_t bytes)
{
	return to->done + bytes > to->good;
}

/* Bytes of @len from @addr on that the kernel has mapped, until it has not. */
static size_t there(const void *addr, size_t len)
{
	size_t n = 0, page;

	while (n < len) {
		unsigned long pfn = pfn_of((const char *)addr + n);

		page = PAGE_SIZE - offset_in_page((const char *)addr + n);
		if (shim_driver.takes && pfn == shim_driver.taken) {
			shim_driver.takes--;
			if (shim_driver.marks)
				SetPageHWPoison(&shim_pages[pfn]);
			WRITE_ONCE(shim_pages[pfn].absent, 1);
			return min(n + page / 2, len);
		}
		if (READ_ONCE(shim_pages[pfn].absent))
			break;
		n += page;
	}
	return min(n, len);
}

/* By way of the cache's back: what is copied is durable. */
size_t dax_copy_from_iter(struct dax_device *dax_dev, pgoff_t pgoff, void *addr,
		size_t bytes, struct iov_iter *from)
{
	sched_point();
	bytes = copy_from_iter(addr, there(addr, bytes), from);
	memcpy((char *)shim_durable + ((char *)addr - (char *)shim_media), addr,
	       bytes);
	return bytes;
}

size_t dax_copy_to_iter(struct dax_device *dax_dev, pgoff_t pgoff, void *addr,
		size_t bytes, struct iov_iter *to)
{
	char *at;

	bytes = caller(to, there(addr, loadable(addr, bytes)), &at);
	memcpy(at, addr, bytes);
	return bytes;
}

size_t dax_recovery_write(struct dax_device *dax_dev, pgoff_t pgoff, void *addr,
		size_t bytes, struct iov_iter *from)
{
	size_t i, nr = PFN_UP(offset_in_page(addr) + bytes);

	shim_driver.recoveries++;
	for (i = 0; i < nr && !bad[pgoff + i]; i++)
		;
	if (i == nr)
		return dax_copy_from_iter(dax_dev, pgoff, addr, bytes, from);
	if (offset_in_page(addr) || offset_in_page(bytes) || shim_driver.broken)
		return 0;
	for (i = 0; i < nr; i++)
		bad[pgoff + i] = false;
	return dax_copy_from_iter(dax_dev, pgoff, addr, bytes, from);
}

unsigned long __get_free_page(gfp_t gfp)
{
	might_sleep();
	return (unsigned long)kmalloc(PAGE_SIZE, gfp);
}

void free_page(unsigned long page)
{
	kfree((void *)page);
}
