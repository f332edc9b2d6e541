// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.agent.Agent;
import io.tsncni.cni.CniAnswer;
import io.tsncni.shim.PassedAdds;
import io.tsncni.shim.ShimRequest;
import io.tsncni.shim.ShimServer;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** What comes by the socket, and what shims have kept, on its way to the agent. */
record ShimHandler(Agent agent, PassedAdds passed, TsnProxy tsnProxy) implements ShimServer.Handler {
    static ShimHandler of(Agent agent, TsnProxy tsnProxy) {
        return new ShimHandler(
                agent, new PassedAdds((add, since) -> dispatch(agent, add, Optional.of(since))), tsnProxy);
    }

    @Override
    public CniAnswer cni(ShimRequest request) {
        passed.superseded(request);
        return dispatch(agent, request, Optional.empty());
    }

    @Override
    public CniAnswer spooled(ShimRequest request, Instant since) {
        return dispatch(agent, request, Optional.of(since));
    }

    private static CniAnswer dispatch(Agent agent, ShimRequest request, Optional<Instant> waitingSince) {
        return agent.dispatcher()
                .dispatch(request.environment(), request.stdin(), request.netns(), request.exec(), waitingSince);
    }

    @Override
    public CniAnswer query(String query) {
        if (!query.equals("status")) {
            return new CniAnswer(2, "no such query: " + query);
        }
        try {
            return new CniAnswer(
                    0,
                    agent.report()
                            .json(passed.waiting(), tsnProxy.recently().lines())
                            .toString());
        } catch (IOException e) {
            return new CniAnswer(1, e.getMessage());
        }
    }
}
