/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RCU as a lock that readers share.  XArray nodes are freed at once: nobody may
 * look at one without the XArray's lock, and AddressSanitizer sees who does.
 */
#ifndef SHIM_RCUPDATE_H
#define SHIM_RCUPDATE_H

#include <linux/kernel.h>
#include <linux/types.h>

struct rcu_head {
	void *next;
};

void rcu_read_lock(void);
void rcu_read_unlock(void);
#undef synchronize_rcu
void synchronize_rcu(void);

#define rcu_dereference_raw(p)		__atomic_load_n(&(p), __ATOMIC_CONSUME)
#define rcu_dereference_check(p, c)	rcu_dereference_raw(p)
#define rcu_dereference_protected(p, c)	(p)
#define rcu_dereference(p)		rcu_dereference_raw(p)
#define rcu_assign_pointer(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)		rcu_assign_pointer(p, v)
#define call_rcu(head, func)		(func)(head)

#endif
