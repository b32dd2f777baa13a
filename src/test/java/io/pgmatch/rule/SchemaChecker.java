package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** As much of JSON Schema as the rule's schema uses; anything else in a schema is an error. */
final class SchemaChecker {
    private static final Set<String> ANNOTATIONS = Set.of("$schema", "$defs", "title", "description", "default");

    private final JsonNode root;

    SchemaChecker(JsonNode root) {
        this.root = root;
    }

    boolean accepts(JsonNode value) {
        return accepts(root, value);
    }

    private boolean accepts(JsonNode schema, JsonNode value) {
        for (var keyword : schema.properties()) {
            if (!ANNOTATIONS.contains(keyword.getKey())
                    && !accepts(schema, keyword.getKey(), keyword.getValue(), value)) {
                return false;
            }
        }
        return true;
    }

    private boolean accepts(JsonNode schema, String keyword, JsonNode operand, JsonNode value) {
        return switch (keyword) {
            case "$ref" -> accepts(root.at(operand.textValue().substring(1)), value);
            case "anyOf" -> any(operand, value);
            case "not" -> !accepts(operand, value);
            case "const" -> value.equals(operand);
            case "enum" -> StreamSupport.stream(operand.spliterator(), false).anyMatch(value::equals);
            case "type" -> isOfType(operand.textValue(), value);
            case "required" ->
                !value.isObject()
                        || StreamSupport.stream(operand.spliterator(), false)
                                .allMatch(name -> value.has(name.textValue()));
            case "properties" ->
                operand.properties().stream()
                        .allMatch(property -> !value.has(property.getKey())
                                || accepts(property.getValue(), value.get(property.getKey())));
            case "additionalProperties" ->
                value.properties().stream()
                        .filter(property -> !schema.path("properties").has(property.getKey()))
                        .allMatch(property ->
                                operand.isBoolean() ? operand.booleanValue() : accepts(operand, property.getValue()));
            case "propertyNames" ->
                value.properties().stream()
                        .allMatch(property -> property.getKey().length()
                                >= operand.get("minLength").intValue());
            case "minProperties" -> !value.isObject() || value.size() >= operand.intValue();
            case "maxProperties" -> !value.isObject() || value.size() <= operand.intValue();
            case "minItems" -> !value.isArray() || value.size() >= operand.intValue();
            case "maxItems" -> !value.isArray() || value.size() <= operand.intValue();
            case "uniqueItems" -> !value.isArray() || new HashSet<>(items(value)).size() == value.size();
            case "items" -> !value.isArray() || items(value).stream().allMatch(item -> accepts(operand, item));
            case "prefixItems" -> !value.isArray() || prefix(operand, value);
            case "minLength" -> !value.isTextual() || value.textValue().length() >= operand.intValue();
            case "pattern" ->
                !value.isTextual()
                        || Pattern.compile(operand.textValue())
                                .matcher(value.textValue())
                                .find();
            case "minimum" -> !value.isNumber() || compare(value, operand) >= 0;
            case "exclusiveMinimum" -> !value.isNumber() || compare(value, operand) > 0;
            case "maximum" -> !value.isNumber() || compare(value, operand) <= 0;
            default -> throw new IllegalArgumentException("keyword: wanted a known one, got " + keyword);
        };
    }

    private boolean any(JsonNode alternatives, JsonNode value) {
        return items(alternatives).stream().anyMatch(alternative -> accepts(alternative, value));
    }

    private boolean prefix(JsonNode schemas, JsonNode value) {
        for (int i = 0; i < Math.min(schemas.size(), value.size()); i++) {
            if (!accepts(schemas.get(i), value.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<JsonNode> items(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static int compare(JsonNode value, JsonNode operand) {
        return value.decimalValue().compareTo(operand.decimalValue());
    }

    private static boolean isOfType(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "number" -> value.isNumber();
            case "integer" ->
                value.isNumber()
                        && value.decimalValue().remainder(BigDecimal.ONE).signum() == 0;
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> throw new IllegalArgumentException("type: wanted a known one, got " + type);
        };
    }
}
