package io.pgmatch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;

/** docker-compose.yml as Compose reads it: variables replaced by their defaults, anchors merged. */
final class ComposeFile {
    /** The build runs tests in the directory of the project. */
    static final Path PATH = Path.of("docker-compose.yml");

    private static final Pattern VARIABLE_WITH_DEFAULT = Pattern.compile("\\$\\{\\w+:-([^}]*)}");

    private final Map<String, Object> root;

    private ComposeFile(Map<String, Object> root) {
        this.root = root;
    }

    static ComposeFile read() {
        try {
            String text = VARIABLE_WITH_DEFAULT.matcher(Files.readString(PATH)).replaceAll("$1");
            return new ComposeFile(map(new Yaml().load(text)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, Object> services() {
        return map(root.get("services"));
    }

    Map<String, Object> volumes() {
        return map(root.get("volumes"));
    }

    Map<String, Object> service(String name) {
        return map(services().get(name));
    }

    Map<String, String> environment(String service) {
        Map<String, String> environment = new TreeMap<>();
        map(service(service).get("environment")).forEach((name, value) -> environment.put(name, String.valueOf(value)));
        return environment;
    }

    List<String> command(String service) {
        return strings(service(service).get("command"));
    }

    List<String> healthTest(String service) {
        return strings(map(service(service).get("healthcheck")).get("test"));
    }

    /** The settings that the server is started with: what follows each -c. */
    Map<String, String> serverSettings() {
        Map<String, String> settings = new LinkedHashMap<>();
        List<String> command = command("postgres");
        for (int i = 1; i + 1 < command.size(); i += 2) {
            if (!command.get(i).equals("-c")) {
                throw new AssertionError("wanted -c at " + i + " of " + command);
            }
            String[] setting = command.get(i + 1).split("=", 2);
            settings.put(setting[0], setting[1]);
        }
        return settings;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<String> strings(Object value) {
        return (List<String>) value;
    }
}
