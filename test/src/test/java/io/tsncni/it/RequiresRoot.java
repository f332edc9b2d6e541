// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips where {@code sh/bin/java} could not make private namespaces, and says why. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresRoot.Condition.class)
@interface RequiresRoot {

    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String whyNot = System.getProperty("tsn.unprivileged");
            return whyNot == null
                    ? ConditionEvaluationResult.enabled("in private namespaces")
                    : ConditionEvaluationResult.disabled(whyNot);
        }
    }
}
