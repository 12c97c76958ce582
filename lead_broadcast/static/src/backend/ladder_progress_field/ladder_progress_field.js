import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

const BADGES = {
    current: "text-bg-info",
    next: "text-bg-warning",
    done: "text-bg-300",
    skipped: "text-bg-300",
};

/** The steps of a lead's ladder, what became of each, and a way to take one now. */
export class LadderProgressField extends Component {
    static template = "lead_broadcast.LadderProgressField";
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
    }

    get steps() {
        return this.props.record.data[this.props.name] || [];
    }

    get hasBegun() {
        return this.steps.some((step) => step.state !== "ahead");
    }

    get canJump() {
        const {broadcast_state: search, ladder_state: ladder} = this.props.record.data;
        return ladder !== "none" && search !== "allocated";
    }

    getBadge(step) {
        return BADGES[step.state];
    }

    async onJump(step) {
        const {record} = this.props;
        if (!(await record.save())) {
            return;
        }
        await this.action.doActionButton({
            type: "object",
            name: "action_jump_ladder",
            resModel: record.resModel,
            resId: record.resId,
            context: {default_step_id: step.id},
            onClose: () => record.load(),
        });
    }
}

export const ladderProgressField = {
    component: LadderProgressField,
    displayName: _t("Steps of a Ladder"),
    supportedTypes: ["json"],
    fieldDependencies: [
        {name: "broadcast_state", type: "selection", readonly: true},
        {name: "ladder_state", type: "selection", readonly: true},
    ],
};

registry.category("fields").add("lead_broadcast_ladder_progress", ladderProgressField);
