# SPDX-License-Identifier: GPL-2.0
#
# Programs that test the DAX core in the guest; tests/dax/manifest brings them
# into its image.

DAX_OUT		= $(O)/tests/dax
DAX_PROGRAMS	:= bench bench-threads fsx lanes map poison powercut race reflink result rw scarce shared store stress trunc

$(DAX_PROGRAMS:%=$(DAX_OUT)/%): $(DAX_OUT)/%: $(DAX_OUT)/%.o $(DAX_OUT)/dax.o
	$(CC) $(CFLAGS) $(LDFLAGS) -pthread -o $@ $^

$(DAX_OUT)/bench: $(DAX_OUT)/bench-copy.o
$(addprefix $(DAX_OUT)/,bench bench-threads): $(DAX_OUT)/bench-rows.o
$(addprefix $(DAX_OUT)/,bench poison race reflink): $(DAX_OUT)/blocks.o
$(addprefix $(DAX_OUT)/,fsx lanes stress): $(DAX_OUT)/chance.o

$(DAX_OUT)/scarce: $(DAX_OUT)/scarce-ops.o
$(DAX_OUT)/fsx: $(addprefix $(DAX_OUT)/,fsx-file.o fsx-list.o fsx-model.o fsx-ops.o fsx-view.o)

$(DAX_OUT)/%.o: tests/dax/%.c tests/dax/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -pthread -MMD -MP -c -o $@ $<

IMAGE_MANIFESTS	+= tests/dax/manifest
IMAGE_FILES	+= $(DAX_PROGRAMS:%=$(O)/tests/dax/%)

-include $(wildcard $(O)/tests/dax/*.d)
