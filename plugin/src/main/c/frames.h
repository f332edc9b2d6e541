/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation between the shim (or tsnctl) and the agent, over a unix
 * stream socket. Java's side is io.tsncni.shim.Frame; FrameTest compares the two.
 *
 * Every number is 32 bits, little endian.
 *
 *	frame   := type length payload[length]
 *	blob    := length bytes[length]
 *
 *	REQUEST      shim -> agent   protocol netns n n*blob:env blob:stdin
 *	EXEC         agent -> shim   id blob:path n n*blob:env blob:stdin
 *	EXEC_RESULT  shim -> agent   id status blob:stdout blob:stderr
 *	RESULT       agent -> shim   exit blob:stdout
 *	QUERY        tsnctl -> agent blob:"status"        (answered by a RESULT)
 *
 * REQUEST comes first and once. Its first byte carries, by SCM_RIGHTS, the
 * descriptor of CNI_NETNS when netns is 0. RESULT comes last and once; its exit
 * is at most 255, and it kills delegates that still run. Between them any number
 * of EXECs may be under way, though those past EXEC_MAX wait for a free place;
 * ids are the agent's and are only echoed. EXEC's path may be several with colons
 * between them, of which the first that is there is run. Paths and variables hold
 * no NUL, and a payload that goes on after its last field is malformed.
 */
#ifndef TSN_FRAMES_H
#define TSN_FRAMES_H

#define FRAME_REQUEST		1
#define FRAME_EXEC		2
#define FRAME_EXEC_RESULT	3
#define FRAME_RESULT		4
#define FRAME_QUERY		5

#define FRAME_PROTOCOL		1

/* REQUEST.netns: 0 with a descriptor, NETNS_UNSET when CNI_NETNS is not set or
 * empty, else the errno of open(CNI_NETNS). */
#define NETNS_UNSET		0xffffffffu

/* EXEC_RESULT.status: an exit code 0..255, or STATUS_SIGNAL + signal number,
 * or STATUS_NOT_RUN + errno when the program could not be started. */
#define STATUS_SIGNAL		0x100u
#define STATUS_NOT_RUN		0x10000u

#define FRAME_MAX		(4u << 20)	/* payload of any frame */
#define STDIN_MAX		(1u << 20)	/* of the shim */
#define OUTPUT_MAX		(1u << 20)	/* a delegate's stdout */
#define STDERR_MAX		(64u << 10)	/* a delegate's stderr, kept for EXEC_RESULT */
#define ENV_MAX			1024u		/* variables in a REQUEST or EXEC */
#define EXEC_MAX		32		/* delegates under way at once */

/* A DEL that finds no agent is kept as <state-dir>/spool/<name>.req, holding
 * the payload of its REQUEST, netns as NETNS_UNSET. */
#define SPOOL_MAX		1024		/* files */

#endif
