# What an installed lab calls itself by: its commands by the names that users know them by,
# and nothing of a checkout and its make.  For sed -E; scripts/install-lab.
s#(^|[^/[:alnum:]])scripts/(vm|demo|lab|kernels|qemus|build-image|build-kernel|build-device|install-core|cache-clean)($|[^[:alnum:]/-])#\1poisonctl-\2\3#g
s#; run 'make all( build/kernel/stock)?'##g
s#'make all' was done#poisonctl is installed#
s# \((MODULES|QEMU)= of make\)##g
s# and 'make QEMU=PATH'##
s#\(default: build\)#(default: in the cache)#
s#what 'make clean' removes beside the build#only guests and folders go#
s#\(default: BUILD/lab/#(default: ~/.cache/poisonctl/installed/lab/#
s#LINUX=SERIES of make and ('poisonctl-build-kernel --linux SERIES') build#\1 builds#
