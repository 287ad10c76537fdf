// Apache Avro as a reference: answers lines on its standard input with lines on its standard output, so that one JVM serves a
// whole suite. `P <schema>` answers the schema's canonical text, `C <reader> <writer>` a line for each incompatibility; both
// are Base64, and an answer that begins with `!` is an error.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Collectors;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

public class AvroReference {
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      String answer;
      try {
        answer = words[0].equals("P") ? schema(words[1]).toString() : compare(schema(words[1]), schema(words[2]));
      } catch (Exception | StackOverflowError e) {
        answer = "!" + e;
      }
      out.println(Base64.getEncoder().encodeToString(answer.getBytes(StandardCharsets.UTF_8)));
      out.flush();
    }
  }

  private static Schema schema(String base64) {
    Schema.Parser parser = new Schema.Parser(NameValidator.STRICT_VALIDATOR);
    parser.setValidateDefaults(true);
    return parser.parse(new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8));
  }

  private static String compare(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult().getIncompatibilities().stream()
        .map(found -> found.getType() + " " + found.getLocation() + " " + found.getMessage())
        .collect(Collectors.joining("\n"));
  }
}
