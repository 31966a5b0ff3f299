/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Repair of CXL memory: the devices take lines for good, and write zeroes there.  No
 * driver of Linux has a way to take back what the kernel did when the poison was met:
 * PG_hwpoison, its own mapping of the page (set_mce_nospec()), HardwareCorrupted.
 */
#ifndef POISONCTL_REPAIR_CXL_H
#define POISONCTL_REPAIR_CXL_H

#include "repair.h"

/**
 * repair_is_cxl() - do all bytes of the target lie in CXL regions?
 */
bool repair_is_cxl(const struct repair *r);

/**
 * repair_cxl_warn() - say what is lost, and what no repair undoes
 * @r: r->found is set
 */
void repair_cxl_warn(const struct repair *r);

/**
 * repair_cxl() - have the devices clear r->work.fw; of System RAM unpoison its pages too
 *
 * Return: EXIT_OK; EXIT_PARTLY or EXIT_SETUP after a complaint.
 */
int repair_cxl(struct repair *r);

#endif
