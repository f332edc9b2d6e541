# SPDX-License-Identifier: Apache-2.0
# Sourced by tsnd and tsnctl, which have set $home.

# launch HEAP-FLAGS CLASS [ARGUMENT...]
launch() {
	heap=$1
	shift
	classpath=
	# One by one, in a fixed order: the archive of loaded classes fits no other class path.
	for jar in "$home"/lib/*.jar; do
		classpath=$classpath${classpath:+:}$jar
	done
	set -- -Dtsn.objects="$home/bpf" -Dtsn.shim="$home/bin/tsn" -cp "$classpath" "$@"
	if [ -n "${TSN_ARCHIVE_CLASSES:-}" ]; then
		set -- -XX:ArchiveClassesAtExit="$TSN_ARCHIVE_CLASSES" "$@"
	elif [ -f "$home/lib/classes.jsa" ]; then
		set -- -XX:SharedArchiveFile="$home/lib/classes.jsa" "$@"
	fi
	# An agent out of memory is started again by its supervisor; one that limps on is not.
	# shellcheck disable=SC2086 # the heap flags are two words
	exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:+UseSerialGC $heap -Xss256k \
		-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m -XX:-UsePerfData \
		-XX:+ExitOnOutOfMemoryError -Dstdout.encoding=UTF-8 -Dsun.stdout.encoding=UTF-8 -Xlog:disable -Xlog:all=error:stderr -Djna.boot.library.path="$home/lib" -Djna.nounpack=true \
		-Djava.util.logging.SimpleFormatter.format='%1$tFT%1$tT.%1$tL %4$s %5$s%6$s%n' "$@"
}
