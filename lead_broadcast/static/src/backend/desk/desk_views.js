import {KanbanController} from "@web/views/kanban/kanban_controller";
import {KanbanRecord} from "@web/views/kanban/kanban_record";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {ListController} from "@web/views/list/list_controller";
import {ListRenderer} from "@web/views/list/list_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {DeskModel} from "./desk_model";
import {useDeskRefresh} from "./desk_refresh";

const NEWS = "o_lead_broadcast_news";

class DeskListController extends ListController {
    setup() {
        super.setup();
        useDeskRefresh(this.model, this.rootRef);
    }
}

class DeskListRenderer extends ListRenderer {
    getRowClass(record) {
        const classes = super.getRowClass(record);
        return record.hasNews ? `${classes} ${NEWS}` : classes;
    }
}

class DeskKanbanController extends KanbanController {
    setup() {
        super.setup();
        useDeskRefresh(this.model, this.rootRef);
    }
}

class DeskKanbanRecord extends KanbanRecord {
    getRecordClasses() {
        const classes = super.getRecordClasses();
        return this.props.record.hasNews ? `${classes} ${NEWS}` : classes;
    }
}

class DeskKanbanRenderer extends KanbanRenderer {
    static components = {...KanbanRenderer.components, KanbanRecord: DeskKanbanRecord};
}

registry.category("views").add("lead_broadcast_desk_list", {
    ...listView,
    Controller: DeskListController,
    Model: DeskModel,
    Renderer: DeskListRenderer,
});

registry.category("views").add("lead_broadcast_desk_kanban", {
    ...kanbanView,
    Controller: DeskKanbanController,
    Model: DeskModel,
    Renderer: DeskKanbanRenderer,
});
