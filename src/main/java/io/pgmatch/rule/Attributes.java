package io.pgmatch.rule;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The declared attributes of a rule. */
final class Attributes {
    private final List<Attribute> declared;
    private final Map<String, Attribute> byName = new LinkedHashMap<>();

    Attributes(List<Attribute> declared) {
        this.declared = List.copyOf(declared);
        declared.forEach(attribute -> byName.put(attribute.name(), attribute));
    }

    /** The attributes in the order of declaration, which is the order of their slots. */
    List<Attribute> declared() {
        return declared;
    }

    Set<String> names() {
        return byName.keySet();
    }

    @Nullable
    Attribute find(String name) {
        return byName.get(name);
    }
}
