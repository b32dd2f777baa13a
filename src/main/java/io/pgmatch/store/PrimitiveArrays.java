package io.pgmatch.store;

import org.jooq.BindingSetStatementContext;
import org.jooq.Converter;
import org.jooq.DataType;
import org.jooq.Field;
import org.jooq.impl.AbstractBinding;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * Arrays of primitives as bind values, which the driver sends in binary. jOOQ would box them and write
 * each element as text: in a round of thousands of tasks that is what a profile shows.
 */
final class PrimitiveArrays {
    private static final DataType<long[]> BIGINTS = type(long[].class);
    private static final DataType<int[]> INTEGERS = type(int[].class);
    private static final DataType<double[]> FLOATS = type(double[].class);

    private PrimitiveArrays() {}

    static Field<long[]> bind(long[] values) {
        return DSL.val(values, BIGINTS);
    }

    static Field<int[]> bind(int[] values) {
        return DSL.val(values, INTEGERS);
    }

    static Field<double[]> bind(double[] values) {
        return DSL.val(values, FLOATS);
    }

    private static <T> DataType<T> type(Class<T> array) {
        return SQLDataType.OTHER.asConvertedDataType(new Primitive<>(array));
    }

    /** Hands the array to the driver as it is. */
    private static final class Primitive<T> extends AbstractBinding<Object, T> {
        private static final long serialVersionUID = 1L;

        private final Class<T> array;

        Primitive(Class<T> array) {
            this.array = array;
        }

        @Override
        public Converter<Object, T> converter() {
            return Converter.ofNullable(Object.class, array, array::cast, value -> value);
        }

        @Override
        public void set(BindingSetStatementContext<T> context) throws java.sql.SQLException {
            context.statement().setObject(context.index(), context.value());
        }

        @Override
        public void get(org.jooq.BindingGetResultSetContext<T> context) {
            throw new UnsupportedOperationException("only for bind values");
        }
    }
}
