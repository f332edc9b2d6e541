// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.datapath.RestorerCounters;
import io.tsncni.datapath.Restorers;
import io.tsncni.datapath.SaverCounters;
import io.tsncni.datapath.SaverState;
import io.tsncni.metrics.MeasuredDatapath;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.SaverRecord;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the records say that there is to measure. */
record MeasuredAttachments(Attachments attachments) implements MeasuredDatapath {
    @Override
    public List<Nic> nics() {
        Restorers restorers = attachments.datapath().restorers();
        return attachments.store().egress().stream()
                .map(nic -> new Nic(nic, restorers.carrier(nic), restorers.losses(nic)))
                .toList();
    }

    @Override
    public List<Saver> savers() {
        Collection<AttachmentRecord> records = attachments.store().all();
        Map<AttachmentKey, SaverRecord> overriding = new HashMap<>();
        for (AttachmentRecord record : records) {
            record.saver().ifPresent(saver -> saver.overrides().ifPresent(key -> overriding.put(key, saver)));
        }
        return records.stream()
                .filter(record -> record.saver().isPresent() && record.program().equals(record.key()))
                .map(record -> saver(record, record.saver().get(), overriding.get(record.key())))
                .toList();
    }

    private static Saver saver(AttachmentRecord record, SaverRecord saver, SaverRecord overriding) {
        return new Saver(
                record.key(),
                record.pod(),
                saver.pod().ifName(),
                (overriding == null ? saver : overriding).egress(),
                saver.pod().carrier(),
                saver.pod().direct());
    }

    @Override
    public List<Optional<AttachmentKey>> programs() {
        return attachments.store().all().stream()
                .map(record -> record.saver().map(saver -> record.program()))
                .toList();
    }

    @Override
    public Optional<RestorerCounters> restorer(String nic) throws IOException {
        return attachments.datapath().restorers().counters(nic);
    }

    @Override
    public Optional<SaverCounters> saver(AttachmentKey program) throws IOException {
        return attachments.datapath().savers().counters(program);
    }

    @Override
    public SaverState state(AttachmentKey program) throws IOException {
        return attachments.datapath().savers().state(program);
    }
}
