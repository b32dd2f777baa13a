package io.pgmatch.rule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sides that a rule's {@code sides} conditions name, for words such as {@code buy.price}. */
final class SideNames {
    /** As many names are looked through for the one that was meant. */
    private static final int SUGGESTED_MAX = 1_000;

    private final Attributes attributes;
    private final List<Sides> conditions;
    private final Map<String, Set<Attribute>> attributesBySide = new LinkedHashMap<>();

    SideNames(Attributes attributes, List<Sides> conditions) {
        this.attributes = attributes;
        this.conditions = List.copyOf(conditions);
        for (Sides condition : conditions) {
            for (String side : condition.partners().keySet()) {
                attributesBySide
                        .computeIfAbsent(side, key -> new LinkedHashSet<>())
                        .add(condition.attribute());
            }
        }
    }

    boolean isEmpty() {
        return conditions.isEmpty();
    }

    /**
     * Everything that {@code name} can mean: a side, a point and an attribute. As sides and
     * attributes may have points in their names, that can be more than one thing.
     */
    List<Operand> meanings(String name) {
        List<Operand> meanings = new ArrayList<>();
        for (int point = name.indexOf('.'); point >= 0; point = name.indexOf('.', point + 1)) {
            String side = name.substring(0, point);
            Attribute attribute = attributes.find(name.substring(point + 1));
            if (attribute != null) {
                for (Attribute sideAttribute : attributesBySide.getOrDefault(side, Set.of())) {
                    meanings.add(new Operand(name, attribute, sideAttribute, side));
                }
            }
        }
        return meanings;
    }

    /** Whether two tasks of the operands' sides can satisfy the rule's {@code sides} conditions. */
    boolean canMeet(Operand left, Operand right) {
        @Nullable Attribute side = left.side();
        if (side == null || !side.equals(right.side())) {
            return true;
        }
        return conditions.stream()
                .filter(condition -> condition.attribute().equals(side))
                .anyMatch(condition -> condition
                        .partners()
                        .getOrDefault(left.sideName(), Set.of())
                        .contains(right.sideName()));
    }

    /** Names that {@link #meanings} knows, for suggestions. */
    List<String> examples() {
        return attributesBySide.keySet().stream()
                .flatMap(side -> attributes.names().stream().map(name -> side + "." + name))
                .limit(SUGGESTED_MAX)
                .toList();
    }
}
