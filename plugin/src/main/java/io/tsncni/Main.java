// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.agent.Agent;
import io.tsncni.agent.AgentConfig;
import io.tsncni.cli.ProductVersion;
import io.tsncni.datapath.Datapath;
import io.tsncni.install.Installer;
import io.tsncni.install.ShimFile;
import io.tsncni.install.TsnProxyFiles;
import io.tsncni.kube.Cluster;
import io.tsncni.kube.Clusters;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.metrics.MetricsPage;
import io.tsncni.metrics.RequestMetrics;
import io.tsncni.shim.ShimServer;
import io.tsncni.shim.SpoolReplay;
import io.tsncni.state.StateLock;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code tsnd}: wires the agent and runs it. */
@Command(
        name = "tsnd",
        description = "The agent of tsn-cni: one per node, as root.",
        versionProvider = ProductVersion.class,
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        subcommands = {InstallCommand.class, UninstallCommand.class, MigrateCommand.class})
public final class Main implements Callable<Integer> {
    private static final System.Logger LOG = System.getLogger(Main.class.getName());

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "where the shim finds the agent")
    private Path socket = Path.of(fromEnvironment("TSN_SOCKET", "/run/tsn/tsnd.sock"));

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "attachment records and spooled DELs")
    private Path stateDir = Path.of(fromEnvironment("TSN_STATE_DIR", "/var/lib/tsn"));

    @Option(names = "--bpffs", paramLabel = "DIR", scope = ScopeType.INHERIT, description = "a mounted BPF file system")
    private Path bpffs = Path.of(fromEnvironment("TSN_BPFFS", "/sys/fs/bpf"));

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "settings, JSON; may be missing")
    private Path config = Path.of(fromEnvironment("TSN_CONFIG", "/etc/tsn/tsnd.json"));

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "serves /healthz, /readyz and /metrics")
    private String listen = fromEnvironment("TSN_LISTEN", "127.0.0.1:9477");

    @Option(
            names = "--metrics-listen",
            paramLabel = "HOST:PORT",
            description = "serves /metrics, and nothing else, there as well")
    private String metricsListen = fromEnvironment("TSN_METRICS_LISTEN", "");

    @Option(names = "--no-kubernetes", description = "run without an API server")
    private boolean noKubernetes;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "how to reach the API server; in a pod, its service account does")
    private String kubeconfig = fromEnvironment("KUBECONFIG", "");

    @Option(names = "--node-name", paramLabel = "NAME", description = "whose pods are of interest")
    private String nodeName = fromEnvironment("NODE_NAME", "");

    @Option(
            names = "--cni-bin-dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "where the runtime looks for plugins")
    private Path cniBinDir = Path.of(fromEnvironment("TSN_CNI_BIN_DIR", "/opt/cni/bin"));

    @Option(
            names = "--cni-conf-dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "where the runtime looks for network configurations")
    private Path cniConfDir = Path.of(fromEnvironment("TSN_CNI_CONF_DIR", "/etc/cni/net.d"));

    @Option(
            names = "--install",
            description = "install the shim, and the entry that the settings ask for; keep them there")
    private boolean install = fromEnvironment("TSN_INSTALL", "false").equals("true");

    @Option(names = "--uninstall-on-exit", description = "take everything away on SIGTERM, as tsnd uninstall does")
    private boolean uninstallOnExit =
            fromEnvironment("TSN_UNINSTALL_ON_EXIT", "false").equals("true");

    /** Where the launcher found the compiled programs. */
    private final Path objects = Path.of(System.getProperty("tsn.objects", "bpf"));

    private static String fromEnvironment(String name, String byDefault) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? byDefault : value;
    }

    /** What failed for a reason that no device event ends is tried again after this long. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main())
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    LOG.log(Level.ERROR, "tsnd stops: {0}", e instanceof FileSystemException ? e : e.getMessage());
                    return Shutdown.failed();
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (!uid.equals(0)) {
            throw new IOException("it needs root, and runs as uid " + uid);
        }
        AgentConfig settings = settings();
        PrivateDirectory.require(socket.toAbsolutePath().getParent(), "--socket");
        HostInstallation host = new HostInstallation(installer(settings));
        Shutdown shutdown = new Shutdown(host, uninstallOnExit, stateDir, bpffs);
        try (StateLock state = StateLock.take(PrivateDirectory.require(stateDir, "--state-dir"))) {
            serve(state, settings, host, shutdown);
            shutdown.served();
        } finally {
            shutdown.over();
        }
        return 0;
    }

    /** Until a signal ends it. */
    private void serve(StateLock state, AgentConfig settings, HostInstallation host, Shutdown shutdown)
            throws Exception {
        Set<String> force = Set.of(fromEnvironment("TSN_FORCE", "").split(","));
        try (Datapath datapath = Datapath.open(bpffs, objects, force, settings::nic);
                Kubernetes kubernetes = kubernetes()) {
            RequestMetrics requests = new RequestMetrics();
            Agent agent = Agent.start(state.directory(), datapath, kubernetes.cluster(), settings, requests);
            follow(agent);
            TsnProxy tsnProxy = tsnProxy();
            ShimHandler handler = ShimHandler.of(agent, tsnProxy);
            AgentState self = new AgentState(agent, kubernetes.cluster(), host, tsnProxy);
            MetricsPage metrics = new MetricsPage(self, agent.measured(), requests);
            Health.serve(listen, self::unready, metrics);
            if (!metricsListen.isEmpty()) {
                Health.serveMetrics(metricsListen, metrics);
            }
            try (ShimServer server = ShimServer.listen(socket, handler)) {
                SpoolReplay.replay(state.directory(), handler, handler.passed());
                tsnProxy.log();
                shutdown.onSignal(server);
                // By now a shim that a runtime starts finds an agent.
                host.start(install);
                System.out.println("ready");
                inBackground("savers", agent::repairSavers);
                handler.passed().start();
                server.serve();
            }
        }
    }

    /** Or the lack of it. */
    private record Kubernetes(Optional<Cluster> cluster) implements AutoCloseable {
        @Override
        public void close() {
            cluster.ifPresent(Cluster::close);
        }
    }

    private Kubernetes kubernetes() throws IOException {
        if (noKubernetes) {
            return new Kubernetes(Optional.empty());
        }
        if (kubeconfig.isEmpty()
                && fromEnvironment("KUBERNETES_SERVICE_HOST", "").isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "neither --kubeconfig nor a pod's service account: annotations and"
                            + " NetworkAttachmentDefinitions are not read; --no-kubernetes says that it is meant so");
            return new Kubernetes(Optional.empty());
        }
        return new Kubernetes(Optional.of(Clusters.connect(
                Optional.of(kubeconfig).filter(path -> !path.isEmpty()).map(Path::of),
                Optional.of(nodeName).filter(name -> !name.isEmpty()))));
    }

    private static void follow(Agent agent) throws IOException {
        RouteSocket events = RouteSocket.subscribed(LOOK_AGAIN);
        // What changed between the agent's first look and the subscription.
        agent.linksChanged();
        inBackground("devices", () -> {
            try (events) {
                while (true) {
                    events.awaitEvent();
                    agent.linksChanged();
                }
            } catch (IOException e) {
                LOG.log(Level.ERROR, "no device events any more, restart the agent: {0}", e.getMessage());
            }
        });
    }

    private static void inBackground(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    Installer installer(AgentConfig settings) {
        return Installer.of(shim(), cniConfDir, settings.entry());
    }

    private ShimFile shim() {
        return new ShimFile(Path.of(System.getProperty("tsn.shim", "bin/tsn")), cniBinDir);
    }

    TsnProxyFiles tsnProxyFiles() {
        return new TsnProxyFiles(shim(), cniConfDir);
    }

    TsnProxy tsnProxy() {
        return new TsnProxy(tsnProxyFiles(), bpffs);
    }

    AgentConfig settings() throws IOException {
        return AgentConfig.read(config);
    }

    Path stateDir() {
        return stateDir;
    }

    Path bpffs() {
        return bpffs;
    }

    Path socket() {
        return socket;
    }
}
