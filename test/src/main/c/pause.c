// SPDX-License-Identifier: Apache-2.0
/* A container's first process: waits to be told to go, and collects orphans. */
#include <signal.h>
#include <unistd.h>

static void leave(int signal)
{
	(void)signal;
	_exit(0);
}

int main(void)
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGTERM, leave);
	signal(SIGINT, leave);
	for (;;)
		pause();
}
