# SPDX-License-Identifier: Apache-2.0
# What is not Java in dist/: the shim, the BPF objects, the launchers, the licences. Maven runs it.
ARCH := $(subst x86_64,x86-64,$(shell uname -m))

.PHONY: all
all:
	$(MAKE) -C bpf install DESTDIR=$(CURDIR)/dist
	$(MAKE) -C plugin/src/main/c install DESTDIR=$(CURDIR)/dist
	install -D -m 644 -t dist/lib plugin/src/main/args/java.args plugin/src/main/args/tsnd.args plugin/src/main/args/tsnctl.args
	install -D -m 755 -t dist/lib plugin/src/main/sh/archive-classes
	install -D -m 644 -t dist LICENSE
	install -D -m 644 -t dist/bpf bpf/LICENSE
	# JNA's native half, so that the agent unpacks nothing into a temporary directory at run time.
	unzip -qojd dist/lib dist/lib/jna-*.jar com/sun/jna/linux-$(ARCH)/libjnidispatch.so
