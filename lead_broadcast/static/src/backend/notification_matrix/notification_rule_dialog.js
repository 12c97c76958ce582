import {FormViewDialog} from "@web/views/view_dialogs/form_view_dialog";

/** The rule of a cell. Whoever may only read it is not offered to save it. */
export class NotificationRuleDialog extends FormViewDialog {
    setup() {
        super.setup();
        if (this.props.readonly) {
            this.viewProps.buttonTemplate = "web.FormView.Buttons";
        }
    }
}
