import {RelationalModel} from "@web/model/relational_model/relational_model";
import {markRaw} from "@odoo/owl";

/**
 * Rows that stay the same while what they show is read again: their checkboxes, the
 * keyboard's focus and the scroll position survive.
 */
class DeskRecord extends RelationalModel.Record {
    setup(config, data, options) {
        super.setup(config, data, options);
        this.serverData = markRaw({text: JSON.stringify(data)});
        this.hasNews = false;
    }

    /**
     * @param {Object} data what the server says now
     */
    readAgain(data) {
        const text = JSON.stringify(data);
        this.hasNews = text !== this.serverData.text;
        if (this.hasNews) {
            this.serverData = markRaw({text});
            this._setData(data);
        }
    }
}

class DeskRecordList extends RelationalModel.DynamicRecordList {
    /**
     * @override
     */
    _setData(data) {
        this.known = new Map(
            (this.records || []).map((record) => [record.resId, record])
        );
        super._setData(data);
        this.known = null;
    }

    /**
     * @override
     */
    _createRecordDatapoint(data, mode) {
        const known = this.known?.get(data.id);
        if (known) {
            known.readAgain(data);
            return known;
        }
        const record = super._createRecordDatapoint(data, mode);
        record.hasNews = this.model.isRefreshing;
        return record;
    }
}

class DeskGroup extends RelationalModel.Group {
    /**
     * @param {Object} data what the server says now
     */
    readAgain(data) {
        this.count = data.count;
        this.displayName = data.displayName;
        this.aggregates = data.aggregates;
        this.list._setData(data);
        this._useGroupCountForList();
    }
}

class DeskGroupList extends RelationalModel.DynamicGroupList {
    /**
     * @override
     */
    _setData(data) {
        this._nbRecordsMatchingDomain = null;
        this.known = new Map(
            (this.groups || []).map((group) => [JSON.stringify(group.value), group])
        );
        super._setData(data);
        this.known = null;
    }

    /**
     * @override
     */
    _createGroupDatapoint(data) {
        const known = this.known?.get(JSON.stringify(data.value));
        if (known) {
            known.readAgain(data);
            return known;
        }
        return super._createGroupDatapoint(data);
    }
}

export class DeskModel extends RelationalModel {
    static Record = DeskRecord;
    static Group = DeskGroup;
    static DynamicRecordList = DeskRecordList;
    static DynamicGroupList = DeskGroupList;

    setup() {
        super.setup(...arguments);
        this.isRefreshing = false;
    }

    /**
     * Reloading what is shown, as after a button, keeps the rows, too.
     *
     * @override
     */
    async load(params = {}) {
        if (!this.isReady || Object.keys(params).length) {
            return super.load(params);
        }
        const {offset, limit, orderBy, domain} = this.root;
        return this.root._load(offset, limit, orderBy, domain);
    }

    /**
     * Show what has changed meanwhile, and mark it.
     */
    async refresh() {
        this.isRefreshing = true;
        try {
            await this.root.load();
        } finally {
            this.isRefreshing = false;
        }
    }
}
