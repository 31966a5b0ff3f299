/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which files a page belongs to.
 */
#ifndef FS_DAX_PAGE_H
#define FS_DAX_PAGE_H

#include "types.h"

/**
 * struct dax_place - where a page is in a file
 * @mapping: the file's mapping
 * @index: the page's index there
 */
struct dax_place {
	struct address_space *mapping;
	pgoff_t index;
};

bool dax_entry_has_pages(struct dax_entry entry);
void dax_pages_associate(struct address_space *mapping,
		struct dax_entry entry, pgoff_t index);
void dax_pages_associate_some(struct address_space *mapping,
		unsigned long pfn, pgoff_t index, u64 pages);
bool dax_pages_dissociate(struct address_space *mapping,
		struct dax_entry entry, pgoff_t index);
bool dax_page_index(struct page *page, struct address_space *mapping,
		pgoff_t *index);
unsigned int dax_page_sharers(struct page *page, struct dax_place *places,
		unsigned int max);
struct page *dax_entry_busy_page(struct dax_entry entry);

#endif /* FS_DAX_PAGE_H */
