import {
    ReferenceField,
    referenceField,
} from "@web/views/fields/reference/reference_field";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

const MODELS = ["lead.broadcast.notice", "lead.broadcast.offer", "crm.lead"];

/** The template of a notification rule: of the kind its channel takes, about what
 * notifications can be about. */
export class NotificationTemplateField extends ReferenceField {
    get hideModelSelector() {
        return true;
    }

    getRelation() {
        const isSms = this.props.record.data.channel === "sms";
        return isSms ? "sms.template" : "mail.template";
    }

    get m2oProps() {
        return {...super.m2oProps, domain: () => [["model", "in", MODELS]]};
    }
}

export const notificationTemplateField = {
    ...referenceField,
    component: NotificationTemplateField,
    displayName: _t("Template of a notification"),
    supportedTypes: ["reference"],
    fieldDependencies: [{name: "channel", type: "selection"}],
};

registry.category("fields").add("lead_broadcast_template", notificationTemplateField);
