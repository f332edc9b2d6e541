// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.datapath.Carrier;
import io.tsncni.datapath.SaverState;
import io.tsncni.datapath.Stamp;
import io.tsncni.metrics.MeasuredAgent.ChainedEntry;
import io.tsncni.metrics.MeasuredDatapath.Nic;
import io.tsncni.metrics.MeasuredDatapath.Saver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsPageTest {
    private static final String NAME = "[a-z_]+";
    private static final String VALUE = "-?[0-9.]+(E-?[0-9]+)?|\\+Inf";
    private static final String LABEL = NAME + "=\"([^\"\\\\\n]|\\\\[\"\\\\n])*\"";
    private static final Pattern LINE = Pattern.compile("# HELP " + NAME + " .+|# TYPE " + NAME
            + " (counter|gauge|histogram|info)|# EOF|" + NAME + "(\\{(" + LABEL + ",?)+})? (" + VALUE + ")");

    private static final String POD =
            "container_id=\"c1\",interface=\"eth0\",pod_name=\"plc-0\",pod_namespace=\"plant\"";

    /** One of everything. */
    private static FakeNode busy() {
        FakeNode node = new FakeNode()
                .nic("tsn0", () -> FakeNode.restored(5, 300, 42_600))
                .saver("c1", () -> FakeNode.sent(5, 300, 42_600));
        node.unready = 2;
        node.synced = Optional.of(true);
        node.entry = Optional.of(new ChainedEntry(Optional.of(false), 7, 1));
        return node;
    }

    private static RequestMetrics oneAdd() {
        RequestMetrics requests = new RequestMetrics();
        requests.answered("ADD", 0, 30_000_000);
        return requests;
    }

    private static void assertShows(String page, String line) {
        assertTrue(page.lines().anyMatch(line::equals), () -> line + "\nis not in\n" + page);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"})
    void everyLineIsOfTheFormat(String accept) {
        String page = busy().page(accept, oneAdd());
        page.lines().forEach(line -> assertTrue(LINE.matcher(line).matches(), line));
        assertEquals(!accept.isEmpty(), page.endsWith("# EOF\n"));
        assertTrue(page.lines().count() > 60, page);
    }

    @Test
    void theFormatIsWhatTheScraperPrefers() {
        MetricsPage page = new MetricsPage(busy(), busy(), oneAdd());
        assertEquals("text/plain; version=0.0.4; charset=utf-8", page.render("").contentType());
        assertEquals(
                "text/plain; version=0.0.4; charset=utf-8",
                page.render("text/html, */*").contentType());
        assertEquals(
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                page.render("application/openmetrics-text").contentType());
    }

    @Test
    void countersAreShownByNicAndByPodAndOnlyForPrioritiesThatHadPackets() {
        String page = busy().text();
        assertShows(page, "tsn_restorer_packets_total{nic=\"tsn0\",priority=\"5\"} 300.0");
        assertShows(page, "tsn_restorer_bytes_total{nic=\"tsn0\",priority=\"5\"} 42600.0");
        assertShows(page, "tsn_restorer_unstamped_packets_total{nic=\"tsn0\",origin=\"forwarded\"} 1.0");
        assertShows(page, "tsn_restorer_unstamped_packets_total{nic=\"tsn0\",origin=\"local\"} 2.0");
        assertShows(page, "tsn_restorer_rejected_packets_total{nic=\"tsn0\"} 3.0");
        assertShows(page, "tsn_restorer_stale_packets_total{nic=\"tsn0\"} 4.0");
        assertShows(page, "tsn_restorer_txtime_packets_total{nic=\"tsn0\",outcome=\"restored\"} 5.0");
        assertShows(page, "tsn_restorer_txtime_packets_total{nic=\"tsn0\",outcome=\"converted\"} 6.0");
        assertShows(page, "tsn_restorer_txtime_packets_total{nic=\"tsn0\",outcome=\"cleared\"} 7.0");
        assertShows(page, "tsn_saver_packets_total{" + POD + ",priority=\"5\"} 300.0");
        assertShows(page, "tsn_saver_bytes_total{" + POD + ",priority=\"5\"} 42600.0");
        assertShows(page, "tsn_saver_requested_packets_total{" + POD + ",priority=\"3\"} 309.0");
        assertShows(page, "tsn_saver_dropped_packets_total{" + POD + ",priority=\"4\"} 9.0");
        assertEquals(6, page.lines().filter(line -> line.contains("priority=")).count(), page);
    }

    @Test
    void thePriorityAboveAllIsOther() {
        String page = new FakeNode()
                .nic("tsn0", () -> FakeNode.restored(Stamp.PRIORITY_OTHER, 1, 60))
                .text();
        assertShows(page, "tsn_restorer_packets_total{nic=\"tsn0\",priority=\"other\"} 1.0");
    }

    @Test
    void aNicThatIsAwayIsShownAsSuch() {
        String page = new FakeNode()
                .nic(new Nic("tsn0", Optional.of(Carrier.CLSACT), 0), () -> FakeNode.restored(0, 0, 0))
                .nic(new Nic("tsn1", Optional.empty(), 3), Optional::empty)
                .text();
        assertShows(page, "tsn_restorer_attached{nic=\"tsn0\"} 1.0");
        assertShows(page, "tsn_restorer_info{carrier=\"clsact\",nic=\"tsn0\"} 1");
        assertShows(page, "tsn_restorer_attached{nic=\"tsn1\"} 0.0");
        assertShows(page, "tsn_restorer_nic_losses_total{nic=\"tsn1\"} 3.0");
        assertFalse(page.contains("tsn_restorer_rejected_packets_total{nic=\"tsn1\"}"), page);
        // What has no counters yet is no error.
        assertShows(page, "tsn_scrape_errors_total{of=\"restorer\"} 0.0");
    }

    @Test
    void whatCannotBeReadIsCountedAndAllElseIsShown() {
        FakeNode node = new FakeNode()
                .nic("tsn0", () -> {
                    throw new IOException("bpf_map_lookup_elem");
                })
                .nic("tsn1", () -> FakeNode.restored(5, 1, 60))
                .saver("c0", () -> {
                    throw new IndexOutOfBoundsException("a map of another size");
                })
                .saver("c1", () -> FakeNode.sent(5, 2, 120));
        MetricsPage page = new MetricsPage(node, node, new RequestMetrics());
        for (int scrape = 1; scrape <= 2; scrape++) {
            String text = new String(page.render("").body(), StandardCharsets.UTF_8);
            assertShows(text, "tsn_scrape_errors_total{of=\"restorer\"} " + scrape + ".0");
            assertShows(text, "tsn_scrape_errors_total{of=\"saver\"} " + scrape + ".0");
            assertShows(text, "tsn_restorer_attached{nic=\"tsn0\"} 1.0");
            assertShows(text, "tsn_restorer_packets_total{nic=\"tsn1\",priority=\"5\"} 1.0");
            assertShows(text, "tsn_saver_packets_total{" + POD + ",priority=\"5\"} 2.0");
        }
    }

    /** As when a StatefulSet's pod is there again before the runtime has told of the end of the first. */
    @Test
    void twoContainersOfOnePodsNameAreTwoSeries() {
        String page = new FakeNode()
                .saver("c1", () -> FakeNode.sent(5, 1, 60))
                .saver("c2", () -> FakeNode.sent(5, 2, 120))
                .text();
        assertShows(page, "tsn_saver_packets_total{" + POD + ",priority=\"5\"} 1.0");
        assertShows(page, "tsn_saver_packets_total{" + POD.replace("c1", "c2") + ",priority=\"5\"} 2.0");
    }

    @Test
    void aSaverTellsItsNicsAndOneWithoutAPodOrANicHasEmptyLabels() {
        Saver bare = new Saver(new AttachmentKey("c2", "eth0"), Optional.empty(), "net1", List.of(), "clsact", true);
        String page = new FakeNode()
                .saver(FakeNode.saverOf("c1", "tsn0", "tsn1"), SaverState.ATTACHED, Optional::empty)
                .saver(bare, SaverState.ATTACHED_UNSEEN, Optional::empty)
                .text();
        assertShows(
                page,
                "tsn_saver_info{carrier=\"tcx\",container_id=\"c1\",interface=\"eth0\",mode=\"stamp\",nic=\"tsn0,tsn1\","
                        + "pod_name=\"plc-0\",pod_namespace=\"plant\"} 1");
        assertShows(
                page,
                "tsn_saver_info{carrier=\"clsact\",container_id=\"c2\",interface=\"net1\",mode=\"direct\",nic=\"\","
                        + "pod_name=\"\",pod_namespace=\"\"} 1");
    }

    @Test
    void attachmentsAreCountedByTheStateOfTheirSaver() {
        String page = new FakeNode()
                .saver(FakeNode.saverOf("c1", "tsn0"), SaverState.ATTACHED, Optional::empty)
                .saver(FakeNode.saverOf("c2", "tsn0"), SaverState.ATTACHED, Optional::empty)
                .saver(FakeNode.saverOf("c3", "tsn0"), SaverState.LOST, Optional::empty)
                .without()
                .text();
        assertShows(page, "tsn_attachments{saver=\"attached\"} 2.0");
        assertShows(page, "tsn_attachments{saver=\"lost\"} 1.0");
        assertShows(page, "tsn_attachments{saver=\"none\"} 1.0");
        assertShows(page, "tsn_attachments{saver=\"detached\"} 0.0");
        assertShows(page, "tsn_attachments{saver=\"attached-unseen\"} 0.0");
    }

    @Test
    void theAgentTellsOfItself() {
        String page = busy().text();
        assertShows(page, "tsn_build_info{version=\"0.1.0\"} 1");
        assertShows(page, "tsn_agent_unready_reasons 2.0");
        assertShows(page, "tsn_kubernetes_synced 1.0");
        assertShows(page, "tsn_chained_entry_inserted 0.0");
        assertShows(page, "tsn_chained_entry_insertions_total 7.0");
        assertShows(page, "tsn_chained_entry_backoffs_total 1.0");
        assertTrue(value(page, "process_resident_memory_bytes") > 10e6, page);
        double age = System.currentTimeMillis() / 1e3 - value(page, "process_start_time_seconds");
        assertTrue(age > 0 && age < 3600, page);
    }

    private static double value(String page, String series) {
        return page.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatIsNotWantedIsNotShown() {
        String page = new FakeNode().text();
        assertFalse(page.contains("tsn_kubernetes_synced"), page);
        assertFalse(page.contains("tsn_chained_entry_inserted"), page);
        assertShows(page, "tsn_chained_entry_insertions_total 0.0");
    }

    @Test
    void requestsAreCountedByCommandAndCodeAndStrangersUnderOneName() {
        RequestMetrics requests = oneAdd();
        requests.answered("ADD", 11, 6_000_000_000L);
        requests.answered("ADD", 4711, 1);
        requests.answered("add", 4, 1);
        requests.answered("REMOVE", 4, 1);
        String page = new FakeNode().page("", requests);
        assertShows(page, "tsn_cni_requests_total{code=\"0\",command=\"ADD\"} 1.0");
        assertShows(page, "tsn_cni_requests_total{code=\"11\",command=\"ADD\"} 1.0");
        assertShows(page, "tsn_cni_requests_total{code=\"other\",command=\"ADD\"} 1.0");
        assertShows(page, "tsn_cni_requests_total{code=\"4\",command=\"other\"} 2.0");
        assertShows(page, "tsn_cni_requests_total{code=\"0\",command=\"DEL\"} 0.0");
        assertShows(page, "tsn_cni_request_duration_seconds_bucket{command=\"ADD\",le=\"0.02\"} 1");
        assertShows(page, "tsn_cni_request_duration_seconds_bucket{command=\"ADD\",le=\"0.05\"} 2");
        assertShows(page, "tsn_cni_request_duration_seconds_bucket{command=\"ADD\",le=\"10.0\"} 3");
        assertShows(page, "tsn_cni_request_duration_seconds_count{command=\"ADD\"} 3");
    }

    @Test
    void allThatIsDefinedIsShownUnderItsNameAndTypeAndHelp() {
        String page = busy().page("", oneAdd());
        String expected = Arrays.stream(Metric.values())
                .map(metric -> "# HELP " + metric.shown() + " " + metric.help() + "\n# TYPE " + metric.shown() + " "
                        + MetricsDocTest.type(metric))
                .sorted()
                .collect(Collectors.joining("\n"));
        assertEquals(
                expected.lines().sorted().toList(),
                page.lines().filter(line -> line.startsWith("#")).sorted().toList());
    }
}
