# SPDX-License-Identifier: GPL-2.0
#
# poisonctl: one non-recursive Makefile; every part adds its products in its own
# build.mk.  What can be set on the command line:
#
#   DAX=ours|stock   the DAX core of the guest's kernel (default: ours in Linux 6.1,
#                    where kernel/dax is there)
#   LINUX=VERSION    the guest's Linux, 6.1, 6.12 or 7.3 (default: this Debian's); the
#                    source of another comes from 'scripts/kernels source VERSION'
#   QEMU=PATH        another QEMU than the one that is installed, see scripts/qemus
#   QEMU_SOURCE=FILE its source, a tarball, where Debian's archive has lost it
#   KERNEL=FILE      a bzImage of your own, in place of the guest's kernel
#   MODULES=DIR      its modules (DIR/RELEASE), where they do not lie beside it
#   O=DIR            where small products go (default: build)
#   V=1              show the commands
#   VERBOSE=1        say the phases of long work also when no terminal is there
#   PACKAGES=there   no look at which packages are there
#   WERROR=          a warning of a compiler that is not tried here is none of yours
#   prefix=DIR, DESTDIR=DIR, libdir=DIR   for install (default: /usr/local, its lib)
#
# Big products (kernel, QEMU's headers, the guest's image) lie in a cache outside
# the checkout, $XDG_CACHE_HOME/poisonctl, keyed by all that went into them.

O	?= build
# What the shell, make, or its %.o take for more than a letter.
MARKS := ' " ` \ $$ % : ; & | < > ( ) [ ] { } * ? ! ~ \# =
ifneq ($(words $(O))$(strip $(foreach mark,$(MARKS),$(findstring $(mark),$(O)))),1)
$(error bad folder of the build '$(O)': expected a path without blanks and any of $(MARKS))
endif
CC	= gcc
CFLAGS	= -O2 -g
WERROR	= -Werror
override CFLAGS += -std=gnu11 -Wall -Wextra $(WERROR)
prefix	= /usr/local
libdir	= $(prefix)/lib

# of the first line of what is new
VERSION := $(shell sed -n '1s/^poisonctl \([0-9.]*\), .*/\1/p' injector/NEWS)

# $(call quoted,TEXT): one word of the shell, whatever is in it
quoted = '$(subst ','\'',$1)'
# $(call TOLD,OPTION,TEXT): --OPTION TEXT of a script, if there is a TEXT
TOLD = $(if $2,--$1 $(call quoted,$2))

# What takes long, and is not what make itself starts: see there.
WITH_MAKE = setpriv --pdeathsig TERM scripts/with-make

export VERBOSE
export QEMU QEMU_SOURCE MODULES

# What `make all` makes; which programs and scripts `make test` runs on the host.
ALL :=
HOST_TESTS :=
# What tests need beside that.
TEST_FILES :=
# Further lists of what lies in the guest's image, and what must be built for them.
IMAGE_MANIFESTS :=
IMAGE_FILES :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += -j$(shell nproc) --no-print-directory --no-builtin-rules \
	$(if $(V),,--silent)

include injector/build.mk
include kernel/build.mk
include qemu-configs/build.mk
include scripts/build.mk
include tests/build.mk

# A build that is refused minutes later has gone on beside.
ifeq ($(filter help clean distclean deps,$(or $(MAKECMDGOALS),help)),)
REFUSED := $(shell said=$$(scripts/build-check $(call TOLD,dax,$(DAX)) $(call TOLD,linux,$(LINUX_VERSION)) \
	$(call TOLD,kernel,$(KERNEL)) $(call TOLD,qemu,$(QEMU)) \
	$(if $(filter install install-lab,$(MAKECMDGOALS)),$(call TOLD,prefix,$(prefix)) $(call TOLD,prefix,$(libdir))) --build $(call quoted,$(O)) 2>&1) || printf "%s\n" "$$said")
$(if $(REFUSED),$(error $(REFUSED)))
endif

.PHONY: all atlas bench bench-quick check clean demo demo-cxl deps distclean help install lab \
	test test-all test-install test-linux test-qemu FORCE

help:
	@echo 'make demo       plant media errors in an emulated NVDIMM and judge what happens'
	@echo 'make demo-cxl   the same in CXL memory, with QEMU 10.0 and a kernel of Debian 13'
	@echo 'make test       the tests, on this machine and in guests; TAP'
	@echo 'make test-linux kernel/dax in the other Linuxes that it is for, Debians as guests; compiles'
	@echo 'make test-qemu  the platform with other QEMUs of Debian, unpacked in the cache'
	@echo 'make test-install  packages on a fresh Debian 12, what a CI runs'
	@echo 'make test-all   the four of them, one after the other'
	@echo 'make fuzz       20,000 each of command lines, journals and trees that nobody would write'
	@echo 'make atlas      what Linux does about poison by its version: recorded, and a page'
	@echo 'make lab        every case of poison on three kernels, and what differs'
	@echo 'make bench      what things cost, beside the baseline; bench-quick: a part of it'
	@echo
	@echo 'make all        build everything: $(notdir $(ALL))'
	@echo 'make kernel     LINUX=TREE: the DAX core in a tree of Linux 6.1, 6.12 or 7.3 of your own'
	@echo 'make check      style of the sources'
	@echo 'make install    poisonctl, libpoison, their manuals (prefix=, DESTDIR=)'
	@echo 'make install-lab  guests, demo and lab, for where there is no checkout (the same)'
	@echo 'make deb        Debian packages of all that, in $(O)/deb'
	@echo 'make dist       the sources as a tarball, in $(O)'
	@echo 'make deps       install the Debian packages that are missing (needs root)'
	@echo 'make clean      remove what was built in $(O), guests kept in memory, folders of lost ones'
	@echo 'make distclean  remove the cache as well'
	@echo
	@echo 'DAX=stock, LINUX=6.12, KERNEL=bzImage, O=dir, VERBOSE=1: see the head of the Makefile.'
	@echo 'scripts/vm boot one: a console in the guest.  README.md has the rest.'

all: $(ALL)

# Packages first, if they are not somebody else's business. make makes what it includes
# before all else, with nothing beside it, so no rule is tried before its tools are there.
ifeq ($(PACKAGES),there)
else ifneq ($(filter check test test-all test-install test-linux,$(MAKECMDGOALS)),)
include $(O)/deps-tests.mk
else ifneq ($(filter deb,$(MAKECMDGOALS)),)
include $(O)/deps-deb.mk
else ifeq ($(filter help clean dist distclean deps,$(or $(MAKECMDGOALS),help)),)
include $(O)/deps.mk
endif

$(O)/deps.mk $(O)/deps-deb.mk $(O)/deps-tests.mk: $(O)/deps%.mk: scripts/deps
	@mkdir -p $(@D)
	@scripts/deps $(patsubst -%,--%,$*)
	@echo '# the packages of scripts/deps were there' >$@

deps:
	@scripts/deps --tests

demo: all
	@scripts/demo --build $(O) $(call TOLD,kernel,$(KERNEL))

# the kernel that is built here has no CXL
demo-cxl: $(filter-out $(O)/kernel/%,$(ALL))
	@scripts/demo --build $(O) $(call TOLD,kernel,$(KERNEL)) cxl

# kernel/dax in other Linuxes, each built here or on Debian 13, and guests with a Linux that
# nothing here has built or made an image for
LINUX_TESTS	= $(wildcard tests/harness/*-linux-[0-9]*) tests/harness/026-debian13-tests \
	tests/harness/049-virtme-ng tests/harness/049-your-guest

# What is built and installed twice over; make test has the packages on Debian 13.
INSTALL_TESTS	= tests/harness/043-packages tests/harness/050-your-ci

test: all $(HOST_TESTS) $(TEST_FILES) $(O)/kernel/stock
	@tests/run --build $(O) --record $(O)/tests/test.jsonl $(call TOLD,kernel,$(KERNEL)) $(HOST_TESTS) \
		$(filter-out $(LINUX_TESTS) $(INSTALL_TESTS),$(wildcard tests/harness/[0-9]* tests/guest/[0-9]*))

test-linux: all $(TEST_FILES) $(O)/kernel/stock
	@tests/run --build $(O) $(LINUX_TESTS)

test-install: all $(TEST_FILES) $(O)/kernel/stock
	@tests/run --build $(O) $(INSTALL_TESTS)

# to the end; it fails if one of them has
test-all:
	@failed=; for suite in test test-linux test-install test-qemu; do \
		echo "# make $$suite"; MAKEFLAGS= make $(MAKEOVERRIDES) $$suite || failed="$$failed $$suite"; \
	done; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

# Each with every QEMU.  Where the archive has lost the source of one, and QEMU_SOURCE is
# none of its series, there is no poison device for it, and what needs that is skipped.
QEMUS		= 7.2 10.0.2 10.0.13 11.1
QEMU_TESTS	= $(addprefix tests/guest/,001-platform 002-consume 004-access 005-access-smp \
	010-overlay 012-health 013-firmware 050-einj 051-ras-access 052-ras-memory 053-ras-memory-smp) \
	tests/harness/019-clone tests/harness/037-dirty-shutdown \
	$(addprefix tests/host/device-,einj.test fuzz.test qemu.test unplug.test)

test-qemu: all $(TEST_FILES) $(O)/kernel/stock
	@$(WITH_MAKE) scripts/qemus get $(QEMUS) >$(O)/qemus
	@xargs -d '\n' -a $(O)/qemus printf -- '--qemu\n%s\n' | xargs -d '\n' sh -c \
		'exec tests/run --build $(O) --record $(O)/tests/test-qemu.jsonl "$$@" $(QEMU_TESTS)' sh

# Of what the scripts measure by themselves, see scripts/bench.
bench bench-quick: all $(TEST_FILES) $(O)/kernel/stock
	@scripts/bench run --build $(O) $(if $(filter bench-quick,$@),--quick)

lab: all $(O)/kernel/stock
	@scripts/lab compare --build $(O) \
		$$(cmp -s $(O)/kernel/path $(O)/kernel/stock || echo ours) stock debian

# The kernels are fetched; two recorded runs of one package differ in date alone.
atlas: all
	@scripts/atlas run --build $(O)

check:
	@scripts/check-style

clean:
	@scripts/cache-clean --build $(call quoted,$(O)) --templates

distclean:
	@scripts/cache-clean --build $(call quoted,$(O))
