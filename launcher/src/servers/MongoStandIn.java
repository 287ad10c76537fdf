import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Stands in for mongod on machines that have none: mongo-java-server on an H2 file. No package registry carries a mongod,
 * and this one comes through Maven like the other servers.
 *
 * It is a class of its own, and not just the library's, because the library announces wire version 8 at most, which the
 * driver refuses; the version below is all that is added. Arguments: HOST PORT DIRECTORY
 */
class MongoStandIn {
  record Version(List<Integer> getVersionArray, int getWireVersion) implements MongoVersion {}

  public static void main(String[] args) throws Exception {
    Path directory = Files.createDirectories(Path.of(args[2]));
    var backend = new H2Backend(directory.resolve("data.mv").toString());
    backend.version(new Version(List.of(5, 0, 0), 17));
    var server = new MongoServer(backend);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.bind(new InetSocketAddress(args[0], Integer.parseInt(args[1])));
    System.out.println("listening on " + args[0] + ":" + server.getLocalAddress().getPort());
  }
}
