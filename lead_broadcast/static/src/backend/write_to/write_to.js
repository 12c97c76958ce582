import {Chatter} from "@mail/chatter/web_portal/chatter";
import {patch} from "@web/core/utils/patch";
import {registry} from "@web/core/registry";

/** Whom to write to, by lead: read once, by the chatter that shows the lead. */
const recipients = new Map();

/**
 * Show a lead with its composer open towards somebody: the form that is open behind
 * the dialog this comes from, or else the action that opens it.
 *
 * @param {Object} env
 * @param {Object} action
 * @returns {Object} the action to go on with
 */
export function writeTo(env, action) {
    const {leadId, recipient, action: openLead} = action.params;
    recipients.set(leadId, recipient);
    const shown = env.services.action.currentController;
    const isShown =
        shown?.props.type === "form" &&
        shown.props.resModel === openLead.res_model &&
        shown.currentState?.resId === leadId;
    return isShown ? {type: "ir.actions.act_window_close"} : openLead;
}

registry.category("actions").add("lead_broadcast.write_to", writeTo);

patch(Chatter.prototype, {
    /** @override */
    async load(thread) {
        await super.load(...arguments);
        if (thread.model !== "crm.lead" || !this.state.thread?.eq(thread)) {
            return;
        }
        const recipient = recipients.get(thread.id);
        if (recipient) {
            recipients.delete(thread.id);
            this.toggleComposer("message", {force: true});
            this.onlyRecipient = recipient;
        }
        this.keepOnlyRecipient();
    },

    /** @override */
    toggleComposer() {
        if (this.onlyRecipient) {
            this.onlyRecipient = undefined;
            this.state.thread.additionalRecipients = [];
            this.load(this.state.thread, ["suggestedRecipients"]);
        }
        super.toggleComposer(...arguments);
    },

    /**
     * Nobody else is proposed as long as the composer is open, least of all the
     * customer: what is written is for the partner.
     */
    keepOnlyRecipient() {
        if (!this.onlyRecipient) {
            return;
        }
        const {id, name, email} = this.onlyRecipient;
        this.state.thread.suggestedRecipients = [];
        // Without an address the partner reads it as a follower
        this.state.thread.additionalRecipients = email
            ? [{partner_id: id, name, email}]
            : [];
    },
});
