// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.PodRef;
import io.tsncni.datapath.Carrier;
import io.tsncni.datapath.RestorerCounters;
import io.tsncni.datapath.SaverCounters;
import io.tsncni.datapath.SaverState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The data plane, to be asked at each scrape. What is not there any more has no counters, which is no failure. */
public interface MeasuredDatapath {
    /**
     * A NIC that pods send through.
     *
     * @param restorer what holds it, while it is attached
     * @param losses how often the NIC went away
     */
    record Nic(String name, Optional<Carrier> restorer, long losses) {}

    /**
     * A program on a pod's interface.
     *
     * @param egress of the policy in force
     */
    record Saver(
            AttachmentKey program,
            Optional<PodRef> pod,
            String ifName,
            List<String> egress,
            String carrier,
            boolean direct) {}

    List<Nic> nics();

    List<Saver> savers();

    /** The program of each attachment, empty for one without a saver. */
    List<Optional<AttachmentKey>> programs();

    Optional<RestorerCounters> restorer(String nic) throws IOException;

    Optional<SaverCounters> saver(AttachmentKey program) throws IOException;

    SaverState state(AttachmentKey program) throws IOException;
}
