// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: loads and stores through a mapping, with the faults that mm and a
 * filesystem make of them; read(2) and write(2); memory that fails; and what must be
 * true of a file when nobody is at work on it.
 */
#include <stdlib.h>

#include "case.h"

#define MANY_FAULTS	1000

struct shim_file *file_of_vma(struct vm_area_struct *vma)
{
	return container_of(vma->vm_file, struct shim_file, file);
}

/* The fault handler of a filesystem, for one size. */
vm_fault_t fault_of(struct vm_area_struct *vma, pgoff_t index, bool write,
		shim_size_t size)
{
	struct shim_file *file = file_of_vma(vma);
	struct vm_fault vmf = {
		.vma		= vma,
		.pgoff		= index,
		.address	= address_of(vma, index),
		.flags		= write ? FAULT_FLAG_WRITE : 0,
	};
	bool private = write && !(vma->vm_flags & VM_SHARED);
	vm_fault_t ret;
	int error = 0;
	pfn_t pfn;

	vmf.pmd = pmd_of(vma->vm_mm, vmf.address);
	if (private && size == PE_SIZE_PTE)
		vmf.cow_page = pfn_to_page(COW_PFN);
	filemap_invalidate_lock_shared(&file->mapping);
	ret = dax_iomap_fault(&vmf, size, file->sync ? &pfn : NULL, &error,
			      &shim_ops);
	if (ret & VM_FAULT_NEEDDSYNC)
		ret = dax_finish_sync_fault(&vmf, size, pfn);
	filemap_invalidate_unlock(&file->mapping);
	shim_calls.fault_error = error;
	return ret;
}

/* As mm: the largest size first, where nothing smaller is mapped. */
vm_fault_t fault_in(struct vm_area_struct *vma, pgoff_t index, bool write)
{
	pmd_t *pmd = pmd_of(vma->vm_mm, address_of(vma, index));
	vm_fault_t ret = VM_FAULT_FALLBACK;

	if (!pmd_table(pmd) && !file_of_vma(vma)->small)
		ret = fault_of(vma, index, write, PE_SIZE_PMD);
	if (ret & VM_FAULT_FALLBACK)
		ret = fault_of(vma, index, write, PE_SIZE_PTE);
	return ret;
}

/* A processor's access; 0, or the fault that could not be resolved. */
static vm_fault_t access_byte(struct vm_area_struct *vma, pgoff_t index,
		unsigned int offset, bool write, char *byte)
{
	unsigned long *word, pte, pfn;
	unsigned int i;
	vm_fault_t ret;

	for (i = 0; i < MANY_FAULTS; i++) {
		pmd_t *pmd = pmd_of(vma->vm_mm, address_of(vma, index));

		spin_lock(&vma->vm_mm->ptl);
		pte = mapped(vma, index);
		pfn = pte >> PAGE_SHIFT;
		if (pte && (!write || (pte & PTE_WRITE)) && !is_latent(pfn)) {
			word = pmd_is_huge(pmd) ? &pmd->val :
				&pmd_table(pmd)[(address_of(vma, index) &
					     (PMD_SIZE - 1)) >> PAGE_SHIFT].val;
			*word |= write ? PTE_DIRTY : 0;
			if (write)
				shim_media[pfn][offset] = *byte;
			else
				*byte = shim_media[pfn][offset];
		}
		spin_unlock(&vma->vm_mm->ptl);
		if (pte && (!write || (pte & PTE_WRITE))) {
			if (!is_latent(pfn))
				return 0;
			fail_memory(pfn);
			return VM_FAULT_HWPOISON;
		}
		ret = fault_in(vma, index, write);
		if (ret & VM_FAULT_ERROR)
			return ret;
	}
	sched_fail("page %lu faults for ever", index);
}

vm_fault_t load(struct vm_area_struct *vma, pgoff_t index, unsigned int offset,
		char *byte)
{
	return access_byte(vma, index, offset, false, byte);
}

vm_fault_t store(struct vm_area_struct *vma, pgoff_t index, unsigned int offset,
		char byte)
{
	return access_byte(vma, index, offset, true, &byte);
}

/* memory_failure() of a page of a file. */
int fail_memory(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	dax_entry_t cookie = dax_lock_page(page);

	if (!cookie)
		return -EBUSY;
	SetPageHWPoison(page);
	unmap_mapping_pages(page->mapping, page->index, 1, false);
	dax_unlock_page(page, cookie);
	return 0;
}

/* --- read(2) and write(2), @len bytes of which the caller has @good --- */
ssize_t transfer(struct shim_file *file, int direction, loff_t pos, char *bytes,
		size_t len, size_t good)
{
	struct kiocb iocb = { .ki_filp = &file->file, .ki_pos = pos };
	struct kvec vec = { .iov_base = bytes, .iov_len = len };
	struct iov_iter iter;
	ssize_t ret;

	iov_iter_kvec(&iter, direction, &vec, 1, len);
	iter.good = good;
	iter.present = 0;
	ret = dax_iomap_rw(&iocb, &iter, &shim_ops);
	if (ret > 0 && (iocb.ki_pos != pos + ret ||
			iter.count != len - (size_t)ret))
		sched_fail("%zd bytes, but the position moved by %ld and %zu were taken",
			   ret, (long)(iocb.ki_pos - pos), len - iter.count);
	return ret;
}

ssize_t write_bytes(struct shim_file *file, loff_t pos, char byte, size_t len)
{
	char *bytes = malloc(len);
	ssize_t ret;

	memset(bytes, byte, len);
	ret = transfer(file, WRITE, pos, bytes, len, len);
	free(bytes);
	return ret;
}

/* --- what must be true --- */
static void check_mapping(struct vm_area_struct *vma, pgoff_t index,
		struct dax_entry entry, bool dirty)
{
	unsigned long pte = mapped(vma, index), pfn = pte >> PAGE_SHIFT;

	if (!pte || pfn == COW_PFN)
		return;
	if (!dax_entry_exists(entry))
		sched_fail("page %lu is mapped and has no entry", index);
	if (pfn < PFN) {
		if (dax_entry_kind(entry) != DAX_ZERO)
			sched_fail("page %lu shows zeroes, not its block", index);
		return;
	}
	if (dax_entry_kind(entry) != DAX_MEDIA ||
	    dax_entry_pfn_at(entry, index) != pfn)
		sched_fail("page %lu is mapped to another block", index);
	if ((pte & PTE_WRITE) && !dirty)
		sched_fail("page %lu is writable and clean", index);
	if (PageHWPoison(pfn_to_page(pfn)))
		sched_fail("page %lu is mapped and poisoned", index);
}

void check_file(struct shim_file *file)
{
	struct address_space *mapping = &file->mapping;
	struct vm_area_struct *vma;
	struct dax_entry entry;
	unsigned long pages = 0;
	pgoff_t index;
	bool dirty;

	for (index = 0; index < FILE_PAGES; index++) {
		entry = look(mapping, index);
		dirty = xa_get_mark(&mapping->i_pages, index,
				    PAGECACHE_TAG_DIRTY);
		for (vma = mapping->i_mmap; vma; vma = vma->next)
			if (index - vma->vm_pgoff <
			    (vma->vm_end - vma->vm_start) >> PAGE_SHIFT)
				check_mapping(vma, index, entry, dirty);
		if (!dax_entry_exists(entry))
			continue;
		pages++;
		if (dax_entry_is_locked(entry))
			sched_fail("page %lu is left locked", index);
		if (dax_entry_kind(entry) == DAX_ZERO && block_of(file, index) &&
		    !file->block[index].unwritten)
			sched_fail("page %lu has a block, and an entry of a hole", index);
		if (dax_entry_kind(entry) != DAX_MEDIA)
			continue;
		if (!pfn_to_page(dax_entry_pfn_at(entry, index))->mapping)
			sched_fail("page %lu has an entry, its page no file", index);
		if (!file->may_be_stale &&
		    dax_entry_pfn_at(entry, index) != block_of(file, index))
			sched_fail("the entry of page %lu has another block", index);
	}
	if (pages != mapping->nrpages)
		sched_fail("%lu pages have entries, %lu are counted", pages,
			   mapping->nrpages);
	check_freed();
}

void end_file(struct shim_file *file, struct mm_struct *mm)
{
	check_file(file);
	assert_int_equal(shim_warnings, 0);
	free_file(file);
	free_mm(mm);
}

/* --- in plays --- */
void must_store(struct vm_area_struct *to, pgoff_t index, unsigned int offset,
		char byte)
{
	if (store(to, index, offset, byte))
		sched_fail("page %lu cannot be stored to", index);
}

void must_be_durable(struct vm_area_struct *to, pgoff_t index, unsigned int lane,
		int times, int (*sync)(struct shim_file *file))
{
	struct shim_file *file = file_of_vma(to);
	char byte;

	for (byte = 'b'; byte < 'b' + times; byte++) {
		must_store(to, index, lane, byte);
		if (sync(file))
			sched_fail("it cannot be made durable");
		if (shim_durable[block_of(file, index)][lane] != byte)
			sched_fail("byte %u of page %lu is not durable", lane,
				   index);
	}
}
