import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;

/**
 * Temporal's test server on the loopback address alone; its own main listens on every interface. Arguments as
 * that one's: PORT [--enable-time-skipping]. With --start-only it ends as soon as it serves (for the archive of
 * loaded classes that makes later starts fast).
 */
public final class LoopbackTestServer {
  public static void main(String[] arguments) throws Exception {
    List<String> flags = Arrays.asList(arguments).subList(1, arguments.length);
    boolean timeIsLocked = !flags.contains("--enable-time-skipping");
    TestServicesStarter services = new TestServicesStarter(timeIsLocked, 0);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])));
    GRPCServerHelper.registerServicesAndHealthChecks(services.getServices(), builder);
    Server server = builder.build().start();
    if (flags.contains("--start-only")) {
      System.exit(0);
    }
    server.awaitTermination();
  }
}
