// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import java.util.List;

/** All that {@code /metrics} shows. docs/metrics.md has these in a table, which MetricsDocTest compares. */
enum Metric {
    BUILD(Type.INFO, "tsn_build_info", "The agent's version.", "version"),
    UNREADY_REASONS(
            Type.GAUGE,
            "tsn_agent_unready_reasons",
            "Reasons why this node is not ready, 0 if it is. /readyz and the agent's log name them."),
    KUBERNETES_SYNCED(
            Type.GAUGE,
            "tsn_kubernetes_synced",
            "1 once pods and NetworkAttachmentDefinitions are listed, 0 until then: the agent's log says what the API"
                    + " server answers. Absent without an API server."),
    ENTRY_INSERTED(
            Type.GAUGE,
            "tsn_chained_entry_inserted",
            "1 while the runtime's network configuration has the entry that the settings ask for, 0 while it has not:"
                    + " /readyz says why. Absent if no entry is wanted."),
    ENTRY_INSERTIONS(
            Type.COUNTER,
            "tsn_chained_entry_insertions_total",
            "Times that the agent wrote the entry; all but the first because another program had written the file."),
    ENTRY_BACKOFFS(
            Type.COUNTER,
            "tsn_chained_entry_backoffs_total",
            "Times that the agent gave way to another program that keeps taking the entry out. Find that program."),
    CNI_REQUESTS(
            Type.COUNTER,
            "tsn_cni_requests_total",
            "Requests of the container runtime, by the CNI error code of the answer, 0 for success; the agent's log has"
                    + " the reasons. Code other: a delegate's own.",
            "command",
            "code"),
    CNI_REQUEST_DURATION(
            Type.HISTOGRAM,
            "tsn_cni_request_duration_seconds",
            "From a request to its answer, with the plugins that were run for it.",
            "command"),
    ATTACHMENTS(
            Type.GAUGE,
            "tsn_attachments",
            "Attachments by their saver's state. attached-unseen: by clsact, as far as can be told from outside the pod;"
                    + " detached: its interface is gone and DEL is awaited; lost: somebody cleared the BPF file system,"
                    + " start the agent anew, and then the pod if that does not mend it; none: only networks of other plugins.",
            "saver"),
    RESTORER_ATTACHED(
            Type.GAUGE,
            "tsn_restorer_attached",
            "1 while the NIC has its restorer, 0 while pods' packets leave it without their priority: /readyz says why.",
            "nic"),
    RESTORER(
            Type.INFO,
            "tsn_restorer_info",
            "What holds a NIC's restorer: tcx, or clsact where the kernel has no tcx.",
            "nic",
            "carrier"),
    RESTORER_LOSSES(
            Type.COUNTER,
            "tsn_restorer_nic_losses_total",
            "Times that the NIC went away while it was wanted, as when its driver is loaded anew.",
            "nic"),
    RESTORER_PACKETS(
            Type.COUNTER,
            "tsn_restorer_packets_total",
            "Packets that got their priority back, by priority; other is all above 15.",
            "nic",
            "priority"),
    RESTORER_BYTES(Type.COUNTER, "tsn_restorer_bytes_total", "The bytes of these packets.", "nic", "priority"),
    RESTORER_UNSTAMPED(
            Type.COUNTER,
            "tsn_restorer_unstamped_packets_total",
            "Packets without a stamp. forwarded: of pods without a policy and the like, in class 0 unless the settings"
                    + " keep it; local: the node's own, left alone.",
            "nic",
            "origin"),
    RESTORER_REJECTED(
            Type.COUNTER,
            "tsn_restorer_rejected_packets_total",
            "Packets whose stamp could not be proven, or asked for what the pod's policy does not give. If this grows"
                    + " with a pod's traffic, its path wipes the proof (docs/paths.md) or it tries to forge one.",
            "nic"),
    RESTORER_STALE(
            Type.COUNTER,
            "tsn_restorer_stale_packets_total",
            "Packets that were held up until 16,000 others with a launch time or a priority over 15 had passed, and lost"
                    + " their own. Look for a full queue between the pod and the NIC.",
            "nic"),
    RESTORER_TXTIME(
            Type.COUNTER,
            "tsn_restorer_txtime_packets_total",
            "Packets whose launch time (SO_TXTIME) the restorer wrote. restored: as the application gave it; converted:"
                    + " to fq's clock; cleared: fq would have dropped the packet.",
            "nic",
            "outcome"),
    SAVER(
            Type.INFO,
            "tsn_saver_info",
            "A pod's interface, and the NIC or NICs that its policy names, with commas between. mode direct: the interface"
                    + " keeps the priority by itself (macvlan and its like).",
            SaverLabels.with("nic", "carrier", "mode")),
    SAVER_PACKETS(
            Type.COUNTER,
            "tsn_saver_packets_total",
            "Packets that left the pod, by the priority that the NIC is to see; other is all above 15.",
            SaverLabels.with("priority")),
    SAVER_BYTES(Type.COUNTER, "tsn_saver_bytes_total", "The bytes of these packets.", SaverLabels.with("priority")),
    SAVER_REQUESTED(
            Type.COUNTER,
            "tsn_saver_requested_packets_total",
            "Packets of the pod by the priority that the application asked for (SO_PRIORITY).",
            SaverLabels.with("priority")),
    SAVER_DROPPED(
            Type.COUNTER,
            "tsn_saver_dropped_packets_total",
            "Packets that the policy drops, by the priority that the application asked for.",
            SaverLabels.with("priority")),
    SCRAPE_ERRORS(
            Type.COUNTER,
            "tsn_scrape_errors_total",
            "Counters in the kernel that could not be read, and are missing from a scrape: tsnctl status says why.",
            "of"),
    RESIDENT_MEMORY(Type.GAUGE, "process_resident_memory_bytes", "Resident memory of the agent."),
    START_TIME(Type.GAUGE, "process_start_time_seconds", "When the agent started, in seconds since 1970.");

    enum Type {
        COUNTER("_total"),
        GAUGE(""),
        HISTOGRAM(""),
        INFO("_info");

        private final String suffix;

        Type(String suffix) {
            this.suffix = suffix;
        }
    }

    private final Type type;
    private final String shown;
    private final String help;
    private final List<String> labels;

    Metric(Type type, String shown, String help, String... labels) {
        this.type = type;
        this.shown = shown;
        this.help = help;
        this.labels = List.of(labels);
    }

    Type type() {
        return type;
    }

    /** With the suffix of its type. */
    String shown() {
        return shown;
    }

    /** Without: the client library adds it. */
    String family() {
        return shown.substring(0, shown.length() - type.suffix.length());
    }

    String help() {
        return help;
    }

    List<String> labels() {
        return labels;
    }
}
